import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** One leaf of the configuration: what may be set, where, and to what. */
export interface Setting {
  /** Dotted key, as in the files: `http.trustProxy`. */
  readonly key: string;
  readonly path: readonly string[];
  /** Environment variable: `LATCHKEY_HTTP_TRUST_PROXY`; of names and values what each variable begins with. */
  readonly variable: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'named-texts';
  readonly description: string;
  /** What a value must be, in words. */
  readonly expected: string;
  readonly isSecret: boolean;
  /** Must be given: there is no default. */
  readonly isRequired: boolean;
  readonly default: string | undefined;
}

const Node = Type.Object({
  type: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  default: Type.Optional(Type.Unknown()),
  enum: Type.Optional(Type.Array(Type.String())),
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  minItems: Type.Optional(Type.Number()),
  maxItems: Type.Optional(Type.Number()),
  minLength: Type.Optional(Type.Number()),
  maxLength: Type.Optional(Type.Number()),
  pattern: Type.Optional(Type.String()),
  secret: Type.Optional(Type.Boolean()),
  items: Type.Optional(Type.Unknown()),
  required: Type.Optional(Type.Array(Type.String())),
  properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  patternProperties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
type Node = Static<typeof Node>;

/** Every leaf of a configuration schema, in its order. */
export function listSettings(schema: TSchema): Setting[] {
  return walk(Value.Parse(Node, schema), [], true);
}

function walk(node: Node, path: readonly string[], isParentRequired: boolean): Setting[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const isRequired = isParentRequired && (node.required?.includes(name) ?? false);
    const inner = Value.Parse(Node, child);
    return inner.properties === undefined
      ? [toSetting(inner, [...path, name], isRequired)]
      : walk(inner, [...path, name], isRequired);
  });
}

function toSetting(node: Node, path: readonly string[], isRequired: boolean): Setting {
  const item = node.items === undefined ? undefined : Value.Parse(Node, node.items);
  return {
    key: path.join('.'),
    path,
    variable: variableOf(node, path),
    kind: kindOf(node),
    description: node.description ?? item?.description ?? '',
    expected: expectedOf(node, item),
    isSecret: node.secret ?? item?.secret ?? false,
    isRequired: isRequired && node.default === undefined,
    default: node.default === undefined ? undefined : JSON.stringify(node.default),
  };
}

/** `sourceSecrets` is set one by one: `LATCHKEY_SOURCE_SECRET_RENT_PEPPER` sets `rent-pepper`. */
function variableOf(node: Node, path: readonly string[]): string {
  const variable = `LATCHKEY_${path.map(upperSnake).join('_')}`;
  return kindOf(node) === 'named-texts' ? `${variable.replace(/S$/, '')}_` : variable;
}

function upperSnake(name: string): string {
  return name
    .replace('KiB', 'Kib')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase();
}

function kindOf(node: Node): Setting['kind'] {
  if (node.enum !== undefined) return 'choice';
  if (node.type === 'integer' || node.type === 'number') return 'number';
  if (node.type === 'boolean') return 'boolean';
  if (node.patternProperties !== undefined) return 'named-texts';
  return node.type === 'array' ? 'list' : 'text';
}

function expectedOf(node: Node, item: Node | undefined): string {
  const kind = kindOf(node);
  if (kind === 'choice') return `one of ${(node.enum ?? []).join(', ')}`;
  if (kind === 'number') return `a whole number from ${node.minimum ?? 0} to ${node.maximum ?? 'any'}`;
  if (kind === 'boolean') return 'true or false';
  if (kind === 'text') return textOf(node);
  if (kind === 'named-texts')
    return 'names of lower-case letters, digits and hyphens, each with a text of at most 512 characters';
  return `a list of ${node.minItems ?? 0} to ${node.maxItems ?? 'any'}, each ${textOf(item)}`;
}

function textOf(node: Node | undefined): string {
  if (node?.pattern !== undefined) return `text that matches ${node.pattern}`;
  if (node?.minLength !== undefined) return `text of at least ${node.minLength} characters`;
  return node?.maxLength === undefined ? 'text' : `text of at most ${node.maxLength} characters`;
}
