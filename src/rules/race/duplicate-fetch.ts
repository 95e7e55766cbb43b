import { crossings } from '../../analysis/crossings.js';
import { crossingOf } from '../crossing-claims.js';
import { defineRule } from '../rule.js';
import { nameOf, pauseText, twoCalls } from '../stories.js';

/** Asking twice is no harm for what is only looked up; a new token or lease makes the one before it void. */
const effects = /refresh|renew|request|acquire|obtain|token|session|lease|credential|login|auth/i;

export default defineRule({
  id: 'duplicate-fetch',
  family: 'race',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'callers who miss the cache at the same time all fetch',
  explain: 'The cache is asked, the value is fetched over the network, and only then stored. Nothing records that a fetch is under way, so everybody who comes meanwhile starts one of his own. For a refresh token that may be used once, the second refresh fails and logs the user out.',
  impact: 'As many requests as callers; the last answer wins, and single-use credentials are spent twice.',
  advice: 'Keep the promise of the fetch that is under way, hand it to everybody who asks, and clear it when it settles.',
  misses: 'Fetches in another function than the cache.',

  *check(_program, resultOf) {
    for (const one of resultOf(crossings)) {
      if (one.meaning !== 'duplicate-fetch') continue;
      const name = nameOf(one.late);
      const harmful = effects.test(one.source ?? '') || effects.test(name);
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: one.late.location,
        repair: { kind: 'share-fetch', store: one.late.at },
        crossing: crossingOf(one),
        ...(harmful ? {} : { level: 'note' as const, confidence: 'low' as const }),
        message: `${name} is missing at line ${one.early.at.line} and stored here, after ${pauseText(one)}: every caller that comes meanwhile runs ${one.source ?? 'the fetch'} as well`,
        evidence: twoCalls(one, 'asks for', 'not there yet, so it fetches as well'),
      };
    }
  },
});
