import { defineRule } from '../rule.js';

export default defineRule({
  id: 'invalid-suppression',
  family: 'misuse',
  level: 'warning',
  confidence: 'high',
  languages: ['go', 'typescript'],
  title: 'a suppression is not in force',
  explain: 'A comment asks Deadheat to leave something unreported and cannot be followed: it gives no reason, names no known rule, or its day has passed. A suppression that nobody can judge later is a bug that nobody will find, so reasons are not optional.',
  impact: 'What the comment was meant to hide is reported; what it says is no longer true.',
  advice: 'Write it as `deadheat:ignore <rule> -- reason`, with `until=YYYY-MM-DD` behind the reason when it is not for good.',
  misses: 'Comments written for other tools: their form is their own affair.',

  // Known only when all rules have spoken: what comments leave out is joined with the findings behind them.
  *check() {},
});
