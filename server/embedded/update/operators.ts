import { Double, Int32, Long, Timestamp } from "bson";
import { cloneValue } from "../bson";
import { fail, failBadValue } from "../errors";
import { calculate, toBigInt, toIntegral } from "../numbers";
import { isDocument, isNumber, typeName } from "../types";
import { compareValues, type Collation } from "../values";
import { addToSet, popItem, pullAll, pullMatching, pushItems } from "./arrays";
import { clearSlot, readSlot, writeSlot, type Slot } from "./paths";

/** An operator bound to its argument. */
export type Apply = (slot: Slot) => void;

export interface UpdateOperator {
  /** Checks the argument once, before any document is touched. */
  bind(argument: unknown, path: string, collation?: Collation): Apply;
  /** Whether missing documents on the path are created. */
  creates: boolean;
}

function compileArithmetic(name: "$inc" | "$mul", argument: unknown, path: string): Apply {
  if (!isNumber(argument)) {
    const verb = name === "$inc" ? "increment" : "multiply";
    fail(14, "TypeMismatch", `Cannot ${verb} with non-numeric argument: {${path}: ${typeName(argument)}}`);
  }
  return (slot) => {
    const current = readSlot(slot);
    if (current === undefined && name === "$inc") return writeSlot(slot, argument);
    if (current !== undefined && !isNumber(current)) {
      const message = `Cannot apply ${name} to a value of non-numeric type. The field '${path}' is of type ${typeName(current)}`;
      fail(14, "TypeMismatch", message);
    }
    const result = calculate(current ?? new Int32(0), argument, name === "$inc" ? "+" : "*");
    if (result === undefined) failBadValue(`Failed to apply ${name} operations to current value of '${path}': integer overflow`);
    return writeSlot(slot, result);
  };
}

function compileExtreme(argument: unknown, sign: number, collation?: Collation): Apply {
  return (slot) => {
    const current = readSlot(slot);
    if (current === undefined || compareValues(argument, current, collation) === sign) writeSlot(slot, cloneValue(argument));
  };
}

function compileCurrentDate(argument: unknown): Apply {
  const type = isDocument(argument) ? argument.$type : "date";
  if (typeof argument !== "boolean" && !isDocument(argument)) {
    failBadValue(`${typeName(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression`);
  }
  if (type !== "date" && type !== "timestamp") {
    failBadValue("The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}");
  }
  return (slot) => writeSlot(slot, type === "date" ? new Date() : currentTimestamp());
}

let timestampCounter = 0;

// Two timestamps of one second must differ.
function currentTimestamp(): Timestamp {
  timestampCounter = (timestampCounter % 0x7fffffff) + 1;
  return new Timestamp({ t: Math.floor(Date.now() / 1000), i: timestampCounter });
}

function compileBit(argument: unknown, path: string): Apply {
  if (!isDocument(argument) || Object.keys(argument).length === 0) {
    failBadValue(`The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded document`);
  }
  const steps = Object.entries(argument).map(([name, operand]) => {
    const bits = typeof operand === "bigint" || operand instanceof Double ? undefined : toBigInt(operand);
    if (name !== "and" && name !== "or" && name !== "xor")
      failBadValue(`The $bit modifier only supports 'and', 'or', and 'xor', not '${name}'`);
    if (bits === undefined) failBadValue("The $bit modifier field must be an Integer(32/64 bit)");
    return { name, bits, isLong: operand instanceof Long };
  });
  return (slot) => {
    const stored = readSlot(slot);
    const current = stored === undefined ? new Int32(0) : stored;
    let bits = toBigInt(current);
    if (bits === undefined)
      failBadValue(`Cannot apply $bit to a value of non-integral type. The field '${path}' is of type ${typeName(current)}`);
    let isLong = current instanceof Long;
    for (const step of steps) {
      bits = step.name === "and" ? bits & step.bits : step.name === "or" ? bits | step.bits : bits ^ step.bits;
      isLong ||= step.isLong;
    }
    writeSlot(slot, toIntegral(bits, isLong));
  };
}

const setValue =
  (argument: unknown): Apply =>
  (slot) =>
    writeSlot(slot, cloneValue(argument));

/** Every update operator but `$rename`, which has two paths. */
export const UPDATE_OPERATORS: ReadonlyMap<string, UpdateOperator> = new Map<string, UpdateOperator>([
  ["$set", { bind: setValue, creates: true }],
  ["$setOnInsert", { bind: setValue, creates: true }],
  ["$unset", { bind: () => clearSlot, creates: false }],
  ["$inc", { bind: (argument, path) => compileArithmetic("$inc", argument, path), creates: true }],
  ["$mul", { bind: (argument, path) => compileArithmetic("$mul", argument, path), creates: true }],
  ["$min", { bind: (argument, _path, collation) => compileExtreme(argument, -1, collation), creates: true }],
  ["$max", { bind: (argument, _path, collation) => compileExtreme(argument, 1, collation), creates: true }],
  ["$currentDate", { bind: compileCurrentDate, creates: true }],
  ["$bit", { bind: compileBit, creates: true }],
  ["$push", { bind: pushItems, creates: true }],
  ["$addToSet", { bind: addToSet, creates: true }],
  ["$pop", { bind: popItem, creates: false }],
  ["$pull", { bind: (argument, _path, collation) => pullMatching(argument, collation), creates: false }],
  ["$pullAll", { bind: (argument, _path, collation) => pullAll(argument, collation), creates: false }],
]);
