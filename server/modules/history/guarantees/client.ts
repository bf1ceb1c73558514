import { type Agent, request } from "node:http";
import { prediction, type Prediction, predictionList } from "@/lib/contracts/predict";

/** What came back from one call; predictions only of a whole answer with status 200. */
export interface Outcome {
  /** null: the connection broke before the whole answer was there. */
  status: number | null;
  predictions: Prediction[];
}

export interface Target {
  agent: Agent;
  port: number;
  authorization: string;
}

function readAnswer(text: string): Prediction[] {
  const body: unknown = JSON.parse(text);
  const many = predictionList.safeParse(body);
  return many.success ? many.data.data : [prediction.parse(body)];
}

/** Posts over a real connection, which breaks when the server is killed. */
export function postTo({ agent, port, authorization }: Target, path: string, body: unknown): Promise<Outcome> {
  const text = JSON.stringify(body);
  const headers = { authorization, "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const lost = () => resolve({ status: null, predictions: [] });
    const call = request({ agent, host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", lost);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (!response.complete) return lost();
        try {
          resolve({ status, predictions: status === 200 ? readAnswer(Buffer.concat(parts).toString()) : [] });
        } catch (error) {
          reject(error instanceof Error ? error : new Error("The answer cannot be read."));
        }
      });
    });
    call.on("error", lost);
    call.end(text);
  });
}
