import { getField, mapFields, setField } from "../bson";
import { failLocation } from "../errors";
import { isDocument, typeName } from "../types";
import { isNullish, requireNamed } from "./arguments";
import type { Compile, Operator, OperatorTable, Scope } from "./scope";

function compileFieldName(name: string, field: unknown, compile: Compile): (scope: Scope) => string {
  const evaluate = compile(field);
  return (scope) => {
    const value = evaluate(scope);
    return typeof value === "string"
      ? value
      : failLocation(5654602, `${name} requires 'field' to evaluate to type String, found ${typeName(value)}`);
  };
}

const getFieldOperator: Operator = (argument, compile, name) => {
  const isNamed = isDocument(argument) && "field" in argument;
  const fields = isNamed ? requireNamed(name, argument, ["field"], ["input"]) : { field: argument };
  const field = compileFieldName(name, fields.field, compile);
  const input = compile("input" in fields ? fields.input : "$$CURRENT");
  return (scope) => {
    const value = input(scope);
    if (isDocument(value)) return getField(value, field(scope));
    return value === null ? null : undefined;
  };
};

const setFieldOperator: Operator = (argument, compile, name) => {
  const isRemoval = name === "$unsetField";
  const fields = requireNamed(name, argument, isRemoval ? ["field", "input"] : ["field", "input", "value"], []);
  const field = compileFieldName(name, fields.field, compile);
  const input = compile(fields.input);
  const value = isRemoval ? () => undefined : compile(fields.value);
  return (scope) => {
    const target = input(scope);
    if (isNullish(target)) return null;
    if (!isDocument(target)) failLocation(4161105, `${name} requires 'input' to evaluate to type Object`);
    const out = mapFields(target, (item) => item);
    const next = value(scope);
    if (next === undefined) delete out[field(scope)];
    else setField(out, field(scope), next);
    return out;
  };
};

/** Fields by computed names. */
export const OBJECT_OPERATORS: OperatorTable = [
  ["$getField", getFieldOperator],
  ["$setField", setFieldOperator],
  ["$unsetField", setFieldOperator],
];
