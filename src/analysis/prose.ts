/** No name, no word of a sentence and no space between them is longer; no comment and no order file says more. */
const longestWord = 200;
const longestText = 20_000;
const longRun = new RegExp(`[\\w.'()\`"]{${longestWord + 1},}|[ \\t]{${longestWord + 1},}`, 'g');

/**
 * A text as sentences are looked for in it: only its beginning, and with runs that nobody reads taken out of it, while each
 * place stays where it was. Patterns for prose try a word from each of its letters: without bounds, what one long word takes
 * would grow with the square of its length.
 */
export function prose(text: string): string {
  return text.length <= longestWord ? text : text.slice(0, longestText).replace(longRun, (run) => '\ufffd'.repeat(run.length));
}

/** A comment that lays the order of calls on the callers. */
export const laysOrderOnCallers = /\bnot (?:thread|goroutine|concurrency|concurrent)[- ]?safe|\bnot safe (?:for concurrent|to (?:be )?call(?:ed)?|for use by)|\b(?:must|should|may|can|to) (?:only )?be (?:called|used|invoked|set) (?:only )?(?:once|before|prior|at (?:start|init)|during (?:start|init|set)|on start|from (?:a single|one|the same))|\b(?:(?:must|should) not|(?:must|should )?never) be (?:called|used) (?:concurrently|after)|\bcall(?:ed)? (?:this )?before (?:start|serving|using|any|the)\b|\b(?:if|when|where|in\s(?:the\s)?(?:case|situation)s?(?:\s(?:that|where))?)\s[\w.:()]{1,60}\s(?:was|is|were|has been|had been)(?: not|n.t| never)(?: yet)?(?: been)?\s(?:called|started|run)\b/i;
