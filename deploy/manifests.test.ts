import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { listDeployed, listVariables, parseYaml } from "./test-support";

const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
});
const container = z.object({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })).default([]),
  env: z.array(variable).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }).optional(),
  resources: z.object({ requests: z.object({ cpu: z.string(), memory: z.string() }), limits: z.object({ memory: z.string() }) }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
});
const pod = z.object({
  automountServiceAccountToken: z.literal(false),
  terminationGracePeriodSeconds: z.int().optional(),
  securityContext: z.object({
    runAsNonRoot: z.literal(true),
    runAsUser: z.int().min(1),
    seccompProfile: z.object({ type: z.literal("RuntimeDefault") }),
  }),
  containers: z.tuple([container]),
  volumes: z.array(z.object({ name: z.string() })),
});
const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
const deployment = z.object({
  kind: z.literal("Deployment"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.int().optional(),
    selector: z.object({ matchLabels: labels }),
    template: z.object({ metadata: z.object({ labels }), spec: pod }),
  }),
});
const cronJob = z.object({
  kind: z.literal("CronJob"),
  spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: z.object({ metadata: z.object({ labels }), spec: pod }) }) }) }),
});
const service = z.object({
  kind: z.literal("Service"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ selector: labels, ports: z.array(z.object({ name: z.string(), port: z.int(), targetPort: z.string() })) }),
});
const config = z.object({ kind: z.literal("ConfigMap"), data: z.record(z.string(), z.string()) });

const objects = listDeployed(/^kubernetes\/.+\.yaml$/).flatMap((name) => parseYaml(name).map((document) => object.parse(document)));
const all = <Shape extends z.ZodType>(kind: string, shape: Shape) =>
  objects.filter((found) => found.kind === kind).map((found) => shape.parse(found));
const deployments = all("Deployment", deployment);
const services = all("Service", service);
const [upkeep] = all("CronJob", cronJob);
const named = (name: string) => deployment.parse(objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name));
const processOf = (name: string) => named(name).spec.template.spec.containers[0];
const selects = (selector: Record<string, string>, of: Record<string, string>) =>
  Object.entries(selector).every(([label, value]) => of[label] === value);
const readsOf = ({ env }: z.infer<typeof container>) => env.map(({ name }) => name);

describe("the Kubernetes manifests", () => {
  it("are objects of a known kind, in one namespace, each there once", () => {
    const versions: Record<string, string> = {
      ConfigMap: "v1",
      CronJob: "batch/v1",
      Deployment: "apps/v1",
      HorizontalPodAutoscaler: "autoscaling/v2",
      Ingress: "networking.k8s.io/v1",
      Namespace: "v1",
      NetworkPolicy: "networking.k8s.io/v1",
      PodDisruptionBudget: "policy/v1",
      ScaledObject: "keda.sh/v1alpha1",
      Service: "v1",
      ServiceAccount: "v1",
    };
    for (const { apiVersion, kind, metadata } of objects)
      expect([kind, apiVersion, metadata.namespace]).toEqual([kind, versions[kind], kind === "Namespace" ? undefined : "vitrine"]);
    expect(new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).size).toBe(objects.length);
  });

  it("are all named by the kustomization, with every file of the gateway's configuration", () => {
    const [kustomization] = parseYaml("kustomization.yaml");
    const { resources, configMapGenerator } = z
      .object({ resources: z.array(z.string()), configMapGenerator: z.tuple([z.object({ files: z.array(z.string()) })]) })
      .parse(kustomization);
    expect(resources.sort()).toEqual(listDeployed(/^kubernetes\/.+\.yaml$/));
    expect(configMapGenerator[0].files.sort()).toEqual(listDeployed(/^(?!.*node_modules).+\.conf$/));
  });

  it("select the pods that they mean, at ports that these have", () => {
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([
      "vitrine-admin",
      "vitrine-api",
      "vitrine-gateway",
      "vitrine-site",
    ]);
    for (const { spec } of deployments) expect(selects(spec.selector.matchLabels, spec.template.metadata.labels)).toBe(true);
    for (const { metadata, spec } of services) {
      const found = deployments.filter((each) => selects(spec.selector, each.spec.template.metadata.labels));
      expect(found.map((each) => each.metadata.name)).toEqual([metadata.name]);
      const ports = found.flatMap((each) => each.spec.template.spec.containers[0].ports.map(({ name }) => name));
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort);
    }
    expect(upkeep && services.some(({ spec }) => selects(spec.selector, upkeep.spec.jobTemplate.spec.template.metadata.labels))).toBe(
      false,
    );
  });

  it("mount what is there, and have a place to write for each process", () => {
    const pods = [...deployments.map(({ spec }) => spec.template.spec), ...(upkeep ? [upkeep.spec.jobTemplate.spec.template.spec] : [])];
    for (const { containers, volumes } of pods) {
      for (const { name } of containers[0].volumeMounts) expect(volumes.map((volume) => volume.name)).toContain(name);
      expect(containers[0].volumeMounts.map(({ mountPath }) => mountPath)).toContain("/tmp");
    }
  });

  it.each([
    ["site", "/api"],
    ["api", "/api"],
    ["admin", "/admin"],
  ])("ask the %s process at the addresses of its role", (role, prefix) => {
    const found = processOf(`vitrine-${role}`);
    expect(found.env.find(({ name }) => name === "ROLE")?.value).toBe(role);
    expect([found.startupProbe, found.readinessProbe].map((each) => each?.httpGet.path)).toEqual([`${prefix}/readyz`, `${prefix}/readyz`]);
    expect(found.livenessProbe?.httpGet.path).toBe(`${prefix}/livez`);
    expect(found.lifecycle?.preStop.exec.command).toEqual(["sleep", "5"]);
    // What is slept, the ten seconds of an orderly end, and some to spare.
    expect(named(`vitrine-${role}`).spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(5 + 10);
    expect(found.resources.limits.memory).toBe(role === "admin" ? "1Gi" : "512Mi");
  });

  it("give no process of the customers' a secret of the console, and the console none of theirs", () => {
    for (const role of ["site", "api"]) {
      expect(readsOf(processOf(`vitrine-${role}`)).filter((name) => /^(ADMIN_|CRON_)/.test(name))).toEqual([]);
      const secrets = processOf(`vitrine-${role}`).env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []);
      expect(secrets).not.toContain("vitrine-admin");
    }
    expect(readsOf(processOf("vitrine-admin"))).not.toContain("AUTH_SECRET");
  });

  it("hold no secret themselves", () => {
    const values = [
      ...deployments.map(({ spec }) => spec.template.spec.containers[0]),
      ...(upkeep?.spec.jobTemplate.spec.template.spec.containers ?? []),
    ].flatMap(({ env }) => env);
    for (const { name, value } of values)
      if (/SECRET|PASSWORD|URI|SMTP|REDIS|_ID$/.test(name)) expect([name, value]).toEqual([name, undefined]);
    expect(objects.some(({ kind }) => kind === "Secret")).toBe(false);
  });

  it("set no variable that nothing reads", () => {
    const known = listVariables();
    const set = [
      ...all("ConfigMap", config).flatMap(({ data }) => Object.keys(data)),
      ...["site", "api", "admin"].flatMap((role) => readsOf(processOf(`vitrine-${role}`))),
      ...(upkeep ? readsOf(upkeep.spec.jobTemplate.spec.template.spec.containers[0]) : []),
    ];
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it("shut the console in: only the gateway reaches it", () => {
    const policies = objects
      .filter(({ kind }) => kind === "NetworkPolicy")
      .map(({ metadata, spec }) => ({ name: metadata.name, text: JSON.stringify(spec) }));
    expect(JSON.parse(policies.find(({ name }) => name === "nothing")?.text ?? "{}")).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    const open = policies.filter(({ text }) => /"ingress":/.test(text) && /"admin"/.test(text.split('"ingress":')[0] ?? ""));
    expect(open.map(({ name }) => name).sort()).toEqual(["console", "metrics"]);
  });

  it("are put together by kubectl, where there is one", ({ skip }) => {
    let built = "";
    try {
      built = execFileSync("kubectl", ["kustomize", import.meta.dirname], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT")
        return skip("kubectl is not installed: what kustomize makes of the manifests was NOT checked");
      throw error;
    }
    expect(built.match(/^kind: /gm)).toHaveLength(objects.length + 1);
    expect(built).toMatch(/image: registry\.example\.com\/vitrine:/);
  });
});
