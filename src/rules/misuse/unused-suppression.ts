import { defineRule } from '../rule.js';

export default defineRule({
  id: 'unused-suppression',
  family: 'misuse',
  level: 'note',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a suppression has nothing left to suppress',
  explain: 'A comment asks to leave a rule unreported, and the rule finds nothing there: the code was mended, moved, or the comment stands at the wrong line. Left in place it will one day hide a new bug.',
  impact: 'The next bug of this kind at this place stays unseen.',
  advice: 'Take the comment out, or move it to the statement it is about.',
  misses: 'Comments written for other tools, and comments about rules that this run did not ask.',

  // Known only when all rules have spoken: what comments leave out is joined with the findings behind them.
  *check() {},
});
