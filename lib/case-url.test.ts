import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type FormValues, fromQuery, isSameCase, STORED_CASE, toFormValues, toQuery, toStoredQuery, toStoredValues } from "@/lib/case-url";
import { type InputField, modelSchema } from "@/lib/contracts/model-schema";

const readFields = (slug: string): InputField[] =>
  modelSchema.parse(JSON.parse(readFileSync(new URL(`../demo/${slug}/schema.json`, import.meta.url), "utf8"))).inputs;

const churn = readFields("customer-churn");
const digits = readFields("handwritten-digits");
const base: FormValues = { tenure: "2", contract: "Month-to-month", monthly_charges: "89.95" };
const blank = Array.from({ length: 784 }, () => 0);

describe("toQuery", () => {
  test("names only what differs from the case the page starts with", () => {
    expect(toQuery(churn, base, base)).toBe("");
    expect(toQuery(churn, { ...base, tenure: "40" }, base)).toBe("tenure=40");
  });

  test("never names what is not a field of the model", () => {
    expect(toQuery(churn, { ...base, utm_source: "mail" }, base)).toBe("");
  });
});

describe("fromQuery", () => {
  test("restores every case that toQuery wrote: odd characters, wrong values and emptied fields as typed", () => {
    for (const tenure of ["40", "two", "", " 4 ", "a&b=c#d?e+f/ü😀\n'"]) {
      const values = { ...base, tenure };
      expect(fromQuery(churn, new URLSearchParams(toQuery(churn, values, base)), base)).toEqual(values);
    }
  });

  test("restores an image pixel by pixel, in an address short enough to share", () => {
    const values = { image: blank.map((_ink, index) => (index * 37) % 256) };
    const query = toQuery(digits, values, { image: blank });
    expect(fromQuery(digits, new URLSearchParams(query), { image: blank })).toEqual(values);
    expect(query.length).toBeLessThan(2_000);
  });

  test("an image that cannot be read leaves the one there was", () => {
    for (const text of ["", "AAAA", "not base64 at all!", "é"]) {
      expect(fromQuery(digits, new URLSearchParams({ image: text }), { image: blank }), text).toEqual({ image: blank });
    }
  });

  test("a parameter that is no field changes nothing", () => {
    expect(fromQuery(churn, new URLSearchParams("utm_source=mail&__proto__=x"), base)).toEqual(base);
  });
});

describe("a stored prediction put back into the form", () => {
  const [spam] = readFields("spam-filter");
  const fields = spam ? [spam] : [];
  const id = "prd_01M8175QZZ86NFVP1GZ5341MVA";

  test("is restored from its address, whatever the page starts with", () => {
    const input = { tenure: 40, contract: "Two year", monthly_charges: 20.05 };
    const some = churn.filter(({ name }) => name in base);
    const restored = fromQuery(some, new URLSearchParams(toStoredQuery(some, { id, input }, base)), base);
    expect(restored).toEqual({ tenure: "40", contract: "Two year", monthly_charges: "20.05" });
    const picture = { image: blank.map((_ink, index) => index % 256) };
    expect(fromQuery(digits, new URLSearchParams(toStoredQuery(digits, { id, input: picture }, { image: blank })), { image: blank })).toEqual(picture);
  });

  test("has an empty field where nothing was sent", () => {
    expect(toStoredValues(churn.slice(0, 2), {}, base)).toEqual(Object.fromEntries(churn.slice(0, 2).map(({ name }) => [name, ""])));
    expect(toStoredValues(digits, {}, { image: blank })).toEqual({ image: blank });
  });

  test("is named by its id where it is too long for an address", () => {
    expect(toStoredQuery(fields, { id, input: { [spam?.name ?? ""]: "я".repeat(6_000) } }, {})).toBe(`${STORED_CASE}=${id}`);
  });
});

describe("isSameCase", () => {
  test("compares images by their pixels and texts as typed", () => {
    expect(isSameCase(digits, { image: [...blank] }, { image: blank })).toBe(true);
    expect(isSameCase(digits, { image: [1, ...blank.slice(1)] }, { image: blank })).toBe(false);
    expect(isSameCase(digits, { image: "" }, { image: blank })).toBe(false);
    expect(isSameCase(churn, toFormValues({ tenure: 2 }), { tenure: "2" })).toBe(true);
  });
});
