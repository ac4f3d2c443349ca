// What scripts for old browsers are made of, by TypeScript's own parser: newer syntax, names of properties and globals,
// and the tokens. Reads {name: source} from the standard input, answers with JSON.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const ts = createRequire(new URL('../../kiosk/package.json', import.meta.url))('typescript');
const kind = ts.SyntaxKind;
// Statements and expressions that came after ES2017; what else there is, is older.
const NEWER = new Map([
  [kind.QuestionDotToken, '?.'], [kind.QuestionQuestionToken, '??'], [kind.QuestionQuestionEqualsToken, '??='],
  [kind.BarBarEqualsToken, '||='], [kind.AmpersandAmpersandEqualsToken, '&&='], [kind.SpreadAssignment, 'object spread'],
  [kind.BigIntLiteral, 'BigInt'], [kind.PrivateIdentifier, '#private'], [kind.PropertyDeclaration, 'class field'],
  [kind.ClassStaticBlockDeclaration, 'static block'], [kind.ImportKeyword, 'import'], [kind.MetaProperty, 'import.meta'],
  [kind.ImportDeclaration, 'import'], [kind.ExportDeclaration, 'export'],
]);

function faultsOf(node) {
  const found = NEWER.has(node.kind) ? [NEWER.get(node.kind)] : [];
  if (ts.isCatchClause(node) && !node.variableDeclaration) found.push('catch without a name');
  if (ts.isForOfStatement(node) && node.awaitModifier) found.push('for await');
  if (ts.isObjectBindingPattern(node) && node.elements.some((one) => one.dotDotDotToken)) found.push('object rest');
  if (ts.isRegularExpressionLiteral(node) && /\(\?<|\\p\{|\/[a-z]*[sdv][a-z]*$/.test(node.text)) found.push('newer pattern');
  if (ts.isNumericLiteral(node) && node.getText().includes('_')) found.push('1_000');
  return found;
}

function read(name, source) {
  const tree = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const faults = tree.parseDiagnostics.map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '));
  const names = new Set(), own = new Set(), free = new Set(), tokens = [];
  function walk(node) {
    faults.push(...faultsOf(node));
    if (ts.isPropertyAccessExpression(node)) names.add(node.name.text);
    if ((ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node)) && node.name && ts.isIdentifier(node.name)) own.add(node.name.text);
    if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) && !(ts.isPropertyAssignment(node.parent) && node.parent.name === node)) free.add(node.text);
    if (node.getChildCount(tree) === 0 && node.getText()) tokens.push(node.getText());
    node.getChildren(tree).forEach(walk);
  }
  walk(tree);
  return { faults, names: [...names], globals: [...free].filter((one) => !own.has(one)), tokens };
}

const sources = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, read(name, source)]))));
