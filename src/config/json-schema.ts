import { configSchema } from './schema.js';

/** JSON Schema 2020-12, as far as settings need it. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The schema of a configuration as editors read it: written from the one that checks. */
export function configJsonSchema(): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Deadheat configuration', ...convert(configSchema as unknown as Described) };
}

/** What a schema says about itself. */
interface Described {
  readonly kind: string;
  readonly type: string;
  readonly entries?: Readonly<Record<string, Described>>;
  readonly item?: Described;
  readonly wrapped?: Described;
  readonly value?: Described;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly (Described & { readonly requirement?: number; readonly description?: string })[];
}

function convert(schema: Described): JsonSchema {
  if (schema.type === 'optional') return convert(schema.wrapped!);
  const [first, ...actions] = schema.pipe ?? [schema];
  const core = first!.pipe && first !== schema ? convert(first!) : coreOf(first!);
  return Object.assign({}, core, ...actions.map((action) => actionOf(action, core.type))) as JsonSchema;
}

function coreOf(schema: Described): JsonSchema {
  switch (schema.type) {
    case 'strict_object': {
      const entries = Object.entries(schema.entries ?? {});
      return {
        type: 'object',
        properties: Object.fromEntries(entries.map(([name, entry]) => [name, convert(entry)])),
        required: entries.filter(([, entry]) => entry.type !== 'optional').map(([name]) => name),
        additionalProperties: false,
      };
    }
    case 'record':
      return { type: 'object', additionalProperties: convert(schema.value!) };
    case 'array':
      return { type: 'array', items: convert(schema.item!) };
    case 'picklist':
      return { enum: schema.options ?? [] };
    case 'literal':
      return { const: schema.literal };
    case 'union':
      return { anyOf: (schema.options as readonly Described[]).map(convert) };
    default:
      return { type: schema.type };
  }
}

function actionOf(action: { readonly type: string; readonly requirement?: number; readonly description?: string }, type: string | undefined): JsonSchema {
  switch (action.type) {
    case 'description':
      return { description: action.description! };
    case 'min_length':
      return type === 'array' ? { minItems: action.requirement! } : { minLength: action.requirement! };
    case 'max_length':
      return { maxLength: action.requirement! };
    case 'min_value':
      return { minimum: action.requirement! };
    case 'max_value':
      return { maximum: action.requirement! };
    case 'integer':
      return { type: 'integer' };
    default:
      return {};
  }
}
