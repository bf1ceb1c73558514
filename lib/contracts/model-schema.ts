/**
 * The schema of one model version: what a customer may send, how it fills the tensors, what comes back.
 * One JSON file per version (`schema.json`); the page's form, the API's types and the tensors are all made from it.
 */
import { z } from "zod";

/** Names become JSON keys, query parameters and parts of JSON pointers, so they stay plain. */
const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/).refine((name) => name !== "constructor", "is a reserved word");

const fieldBase = {
  name: fieldName,
  label: z.string().min(1).max(80),
  group: z.string().max(60).optional(),
  help: z.string().max(400).optional(),
  required: z.boolean().default(true),
  tensor: z.object({ name: z.string(), index: z.int().min(0).optional() }),
};

const numericBase = {
  ...fieldBase,
  unit: z.string().max(20).optional(),
  /** The training range: a hint for the form, outside it a warning, never a refusal. */
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().positive().optional(),
  sliderStep: z.number().positive().optional(),
  default: z.number().optional(),
};

export const integerField = z.object({ ...numericBase, type: z.literal("integer") });
export const numberField = z.object({ ...numericBase, type: z.literal("number") });

/** A category's values all share one type; numbers are matched as numbers, text as text. */
const categoryValue = z.union([z.string(), z.number()]);

export const categoryField = z.object({
  ...fieldBase,
  type: z.literal("category"),
  categories: z.array(z.object({ value: categoryValue, label: z.string() })).min(1).max(10_000),
  default: categoryValue.optional(),
});

export const textField = z.object({
  ...fieldBase,
  type: z.literal("text"),
  multiline: z.boolean().default(false),
  minLength: z.int().min(0).default(0),
  maxLength: z.int().min(1).max(100_000).default(6_000),
  placeholder: z.string().optional(),
  default: z.string().optional(),
});

export const imageField = z.object({
  ...fieldBase,
  type: z.literal("image"),
  width: z.int().min(1).max(1024),
  height: z.int().min(1).max(1024),
  channels: z.literal(1),
  capture: z.array(z.enum(["draw", "upload"])).default(["draw", "upload"]),
});

export const inputField = z.discriminatedUnion("type", [integerField, numberField, categoryField, textField, imageField]);

const dimension = z.union([z.literal("N"), z.int().min(1)]);

export const inputTensor = z.object({
  name: z.string(),
  dtype: z.enum(["float32", "float64", "int32", "int64", "uint8", "bool", "string"]),
  shape: z.array(dimension).min(1),
  layout: z.enum(["column", "matrix", "image-nchw"]),
  fields: z.array(fieldName).min(1),
  /** Multiplied onto every value after coercion (images: 1/255). */
  scale: z.number().optional(),
});

export const outputTensor = z.object({
  name: z.string(),
  dtype: z.string().optional(),
  /** Only for outputs that are not plain tensors in the uploaded file: a ZipMap, which is stripped on the way in. */
  onnxType: z.string().optional(),
  shape: z.array(dimension).optional(),
  keys: z.array(categoryValue).optional(),
});

export const classOutput = z.object({
  name: fieldName,
  label: z.string(),
  kind: z.literal("class"),
  /** Tensor with the label; without one the class is the largest probability. */
  tensor: z.string().optional(),
  probabilities: z.string(),
  encoding: z.enum(["tensor", "zipmap"]),
  positiveClass: categoryValue.optional(),
  /** A probability: from it on the positive class is said. */
  threshold: z.number().min(0, "is a probability, 0 to 1").max(1, "is a probability, 0 to 1").optional(),
  classes: z.array(z.object({ value: categoryValue, label: z.string() })).min(2),
});

export const numberOutput = z.object({
  name: fieldName,
  label: z.string(),
  kind: z.literal("number"),
  tensor: z.string(),
  unit: z.string().optional(),
  format: z
    .object({ style: z.enum(["currency", "decimal"]), currency: z.string().optional(), maximumFractionDigits: z.int().optional() })
    .optional(),
  interval: z.object({ low: z.string(), high: z.string(), coverage: z.number(), label: z.string().optional() }).optional(),
});

export const vectorOutput = z.object({
  name: fieldName,
  label: z.string(),
  kind: z.literal("vector"),
  tensor: z.string(),
  labels: z.array(z.string()).optional(),
});

export const outputField = z.discriminatedUnion("kind", [classOutput, numberOutput, vectorOutput]);

export const modelTask = z.enum(["binary-classification", "multiclass-classification", "regression", "other"]);

export const modelSchema = z.object({
  schemaVersion: z.literal(1),
  task: modelTask,
  inputs: z.array(inputField).min(1).max(500),
  tensors: z.object({ inputs: z.array(inputTensor).min(1), outputs: z.array(outputTensor).min(1) }),
  outputs: z.array(outputField).min(1),
});

export type ModelSchema = z.infer<typeof modelSchema>;
export type ModelTask = z.infer<typeof modelTask>;
export type InputField = z.infer<typeof inputField>;
export type IntegerField = z.infer<typeof integerField>;
export type NumberField = z.infer<typeof numberField>;
export type CategoryField = z.infer<typeof categoryField>;
export type TextField = z.infer<typeof textField>;
export type ImageField = z.infer<typeof imageField>;
export type InputTensor = z.infer<typeof inputTensor>;
export type OutputTensor = z.infer<typeof outputTensor>;
export type OutputField = z.infer<typeof outputField>;
export type ClassOutput = z.infer<typeof classOutput>;
export type NumberOutput = z.infer<typeof numberOutput>;
export type VectorOutput = z.infer<typeof vectorOutput>;
