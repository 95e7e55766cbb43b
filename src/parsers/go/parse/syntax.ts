/**
 * The node types of the grammar this parser reads, under small numbers of our own: grammar numbers change with
 * every release of the grammar, and one node type may have several of them (aliases).
 */
export const nodeTypes = [
  'ERROR', 'comment',
  'identifier', 'blank_identifier', 'dot', 'field_identifier', 'label_name', 'package_identifier', 'type_identifier',
  'nil', 'true', 'false', 'iota',
  'int_literal', 'float_literal', 'imaginary_literal', 'rune_literal', 'raw_string_literal', 'interpreted_string_literal',
  'raw_string_literal_content', 'interpreted_string_literal_content', 'escape_sequence',
  'empty_statement', 'fallthrough_statement',
  'source_file', 'package_clause', 'import_declaration', 'import_spec', 'import_spec_list',
  'const_declaration', 'const_spec', 'var_declaration', 'var_spec', 'var_spec_list',
  'function_declaration', 'method_declaration', 'type_declaration', 'type_alias', 'type_spec',
  'type_parameter_list', 'type_parameter_declaration', 'type_constraint',
  'parameter_list', 'parameter_declaration', 'variadic_parameter_declaration',
  'parenthesized_type', 'generic_type', 'type_arguments', 'pointer_type', 'array_type', 'implicit_length_array_type',
  'slice_type', 'struct_type', 'negated_type', 'field_declaration_list', 'field_declaration', 'interface_type',
  'method_elem', 'type_elem', 'map_type', 'channel_type', 'function_type', 'qualified_type',
  'block', 'statement_list', 'expression_statement', 'send_statement', 'receive_statement', 'inc_statement',
  'dec_statement', 'assignment_statement', 'short_var_declaration', 'labeled_statement', 'break_statement',
  'continue_statement', 'goto_statement', 'return_statement', 'go_statement', 'defer_statement', 'if_statement',
  'for_statement', 'for_clause', 'range_clause', 'expression_switch_statement', 'expression_case', 'default_case',
  'type_switch_statement', 'type_case', 'select_statement', 'communication_case',
  'expression_list', 'parenthesized_expression', 'call_expression', 'variadic_argument', 'argument_list',
  'selector_expression', 'index_expression', 'slice_expression', 'type_assertion_expression',
  'type_conversion_expression', 'type_instantiation_expression', 'composite_literal', 'literal_value',
  'literal_element', 'keyed_element', 'func_literal', 'unary_expression', 'binary_expression',
] as const;

export type NodeType = (typeof nodeTypes)[number];

/** Tokens that tell forms of one node type apart. All other punctuation and keywords follow from the node type. */
const operators = [
  ';', ':', '=', ':=', '<-', '++', '--',
  '*=', '/=', '%=', '<<=', '>>=', '&=', '&^=', '+=', '-=', '|=', '^=',
  '+', '-', '!', '^', '*', '&', '/', '%', '<<', '>>', '&^', '|', '~',
  '==', '!=', '<', '<=', '>', '>=', '&&', '||',
] as const;

export type Operator = (typeof operators)[number];

export const code = Object.fromEntries(nodeTypes.map((type, index) => [type, index])) as Readonly<Record<NodeType, number>>;

const firstOperator = nodeTypes.length;

export const operatorCode = Object.fromEntries(operators.map((text, index) => [text, firstOperator + index])) as Readonly<Record<Operator, number>>;

/** Left out of the flat tree. */
export const skipped = 255;

export function isOperator(nodeCode: number): boolean {
  return nodeCode >= firstOperator;
}

export function operatorText(nodeCode: number): string {
  return operators[nodeCode - firstOperator] ?? '';
}

const leaves: readonly NodeType[] = [
  'ERROR', 'comment', 'identifier', 'blank_identifier', 'dot', 'field_identifier', 'label_name', 'package_identifier', 'type_identifier',
  'nil', 'true', 'false', 'iota', 'int_literal', 'float_literal', 'imaginary_literal', 'rune_literal',
  'raw_string_literal', 'interpreted_string_literal', 'empty_statement', 'fallthrough_statement',
];

/** Node codes whose children nobody asks for. */
export const isLeaf: Readonly<Uint8Array> = Uint8Array.from({ length: 256 }, (_, index) => {
  const type = nodeTypes[index];
  return type === undefined || leaves.includes(type) ? 1 : 0;
});

/** Strings: leaves too, except to whoever looks for an end that is missing. */
export function isText(nodeCode: number): boolean {
  return nodeCode === code.raw_string_literal || nodeCode === code.interpreted_string_literal;
}

/** What tree-sitter calls a node that holds text it could not place. */
const errorId = 65535;

/**
 * From the grammar's numbers to ours. A named node type unknown here means that grammar and parser do not belong
 * together, and silence about it would lose code.
 */
export function codesOf(grammar: { readonly nodeTypeCount: number; nodeTypeForId(id: number): string | null; nodeTypeIsNamed(id: number): boolean; nodeTypeIsVisible(id: number): boolean }): Uint8Array {
  const codes = new Uint8Array(65536).fill(skipped);
  const byOperator: Readonly<Record<string, number>> = operatorCode;
  const byType: Readonly<Record<string, number>> = code;
  for (let id = 0; id < grammar.nodeTypeCount; id++) {
    const type = grammar.nodeTypeForId(id);
    if (type === null || !grammar.nodeTypeIsVisible(id)) continue;
    if (!grammar.nodeTypeIsNamed(id)) {
      codes[id] = byOperator[type] ?? skipped;
      continue;
    }
    const known = byType[type];
    if (known === undefined) throw new Error(`the Go grammar has a node type this parser does not know: ${type}`);
    codes[id] = known;
  }
  codes[errorId] = code.ERROR;
  return codes;
}
