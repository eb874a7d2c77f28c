import { wordsOf } from './sound.mjs';

/** Runs in the page. */
export function finalsOnPage() {
  return [...document.querySelectorAll('.turn[data-status=final] .committed')].map((turn) => turn.textContent).join(' ');
}

/** Runs in the page: true while someone is still speaking and there are words already. */
export function wordsWhileSpeaking(count = 1) {
  return [...document.querySelectorAll('.turn[data-status=speaking]')].some((turn) => turn.textContent.split(/\s+/).filter((word) => word !== '').length >= count);
}

/** Waits until the finals hold as many words as are expected, or for as long as a slow machine may take; returns them. */
export async function waitForWords(page, expected, timeoutMs = 60_000) {
  const count = expected.split(' ').length;
  const until = Date.now() + timeoutMs;
  let words = '';
  while (Date.now() < until) {
    words = wordsOf(await page.evaluate(finalsOnPage));
    if (words.split(' ').length >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return words;
}
