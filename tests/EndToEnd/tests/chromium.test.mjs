import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchChromium, openPage } from '../lib/chromium.mjs';
import { noServer, startServer } from '../lib/server.mjs';
import { jfk, noSpeech, padded, scratch, wordsOf } from '../lib/sound.mjs';
import { serveDist } from '../lib/static-server.mjs';
import { finalsOnPage, waitForWords, wordsWhileSpeaking } from '../lib/transcript.mjs';

const connected = '#link[data-state=confirming], #link[data-state=listening]';

describe('Chromium, the page and the server', { timeout: 400_000 }, () => {
  let server, files;

  before(async () => {
    files = scratch();
    if (!noServer) server = await startServer();
  });

  after(async () => {
    await server?.stop();
    files?.remove();
  });

  test('words appear while they are spoken, and the finals are right to the word', { skip: noServer || noSpeech }, async () => {
    const browser = await launchChromium({ sound: padded(jfk.file, files.folder) });
    try {
      const { page, complaints } = await openPage(await browser.newContext(), server.url);
      for (const id of ['echo', 'noise', 'gain']) await page.locator(`label:has(#${id})`).click();
      await page.locator('#talk').click();
      await page.locator('#link[data-state=listening]').waitFor({ timeout: 20_000 });
      await page.waitForFunction(wordsWhileSpeaking, undefined, { timeout: 30_000 });
      await page.locator('#link-figure', { hasText: /^\d+ ms/ }).waitFor();
      assert.equal(await waitForWords(page, jfk.words), jfk.words);
      await page.locator('#talk').click();
      await page.locator('#link[data-state=idle]').waitFor({ timeout: 20_000 });
      assert.equal(wordsOf(await page.evaluate(finalsOnPage)), jfk.words);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  });

  test('what is said before the connection stands is written too', { skip: noServer || noSpeech }, async () => {
    const browser = await launchChromium({ sound: jfk.file });
    try {
      const context = await browser.newContext();
      // Three seconds, in which he says "And so, my fellow Americans".
      await context.route('**/hubs/signaling/negotiate*', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 3000));
        await route.continue();
      });
      const { page } = await openPage(context, server.url);
      for (const id of ['echo', 'noise', 'gain']) await page.locator(`label:has(#${id})`).click();
      await page.locator('#talk').click();
      await page.getByText('Speak already: it is kept').waitFor();
      await page.locator(connected).waitFor({ timeout: 20_000 });
      await page.locator('.turn[data-status=final]').first().waitFor({ timeout: 30_000 });
      assert.match(wordsOf(await page.evaluate(finalsOnPage)), /^and so my fellow/);
      assert.equal(await page.getByText('The very first words are missing').count(), 0);
    } finally {
      await browser.close();
    }
  });

  test('stopping in the middle of a sentence still brings its last words', { skip: noServer || noSpeech }, async () => {
    const browser = await launchChromium({ sound: jfk.file });
    try {
      const { page } = await openPage(await browser.newContext(), server.url);
      for (const id of ['echo', 'noise', 'gain']) await page.locator(`label:has(#${id})`).click();
      await page.locator('#talk').click();
      // Half a word can be any word, and change the one before it; of seven, the first five are what he said.
      await page.waitForFunction(wordsWhileSpeaking, 7, { timeout: 30_000 });
      await page.locator('#talk').click();
      await page.locator('#link[data-state=idle]').waitFor({ timeout: 20_000 });
      assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('.turn')].map((turn) => turn.dataset.status).filter((status) => status !== 'final')), []);
      assert.match(wordsOf(await page.evaluate(finalsOnPage)), /^and so my fellow americans( \w+){2,}$/);
    } finally {
      await browser.close();
    }
  });

  test('goes on in the same session when the network was gone for a while', { skip: noServer || noSpeech }, async () => {
    const browser = await launchChromium({ sound: jfk.file, loop: true });
    try {
      const { page } = await openPage(await browser.newContext(), server.url);
      await page.locator('#talk').click();
      await page.waitForFunction(wordsWhileSpeaking, undefined, { timeout: 30_000 });
      server.freeze(true);
      try {
        await page.locator('#link[data-state=reconnecting]').waitFor({ timeout: 60_000 });
      } finally {
        server.freeze(false);
      }
      await page.locator('#link[data-state=listening]').waitFor({ timeout: 60_000 });
      const before = await page.locator('.turn[data-status=final]').count();
      await page.waitForFunction((count) => document.querySelectorAll('.turn[data-status=final]').length > count, before, { timeout: 60_000 });
      assert.equal(await page.getByText('A new session began.').count(), 0);
    } finally {
      await browser.close();
    }
  });

  test('goes on in a new session when the server was started anew', { skip: noServer }, async () => {
    const browser = await launchChromium();
    const port = new URL(server.url).port;
    try {
      const { page } = await openPage(await browser.newContext(), server.url);
      await page.locator('#talk').click();
      await page.locator(connected).waitFor({ timeout: 20_000 });
      await server.stop('SIGKILL');
      await page.locator('#link[data-state=reconnecting]').waitFor({ timeout: 60_000 });
      server = await startServer('--port', port);
      await page.getByText('A new session began.').waitFor({ timeout: 60_000 });
      await page.locator('#link[data-state=listening]').waitFor({ timeout: 20_000 });
    } finally {
      await browser.close();
    }
  });

  test('a page of another origin gets nothing', { skip: noServer }, async () => {
    const site = await serveDist();
    const browser = await launchChromium();
    try {
      const { page } = await openPage(await browser.newContext(), site.url);
      const socket = await page.evaluate((url) => new Promise((resolve) => {
        const attempt = new WebSocket(url);
        attempt.onopen = () => { resolve('open'); };
        attempt.onerror = () => { resolve('refused'); };
      }), `${server.url.replace('http', 'ws')}hubs/signaling`);
      assert.equal(socket, 'refused');
      const response = await fetch(`${server.url}hubs/signaling/negotiate?negotiateVersion=1`, { method: 'POST', headers: { Origin: 'https://evil.example' } });
      assert.equal(response.status, 403);
      assert.equal((await response.json()).error.code, 'origin_not_allowed');
    } finally {
      await browser.close();
      await site.close();
    }
  });
});

describe('the access key', { timeout: 120_000 }, () => {
  test('lets in who has it, asks who has not, and leaves the address', { skip: noServer }, async () => {
    const server = await startServer('--set', 'Access:TrustLoopback=false', '--set', 'Access:Keys=correct-horse-battery-staple');
    const address = `http://localhost:${new URL(server.url).port}/`;
    const browser = await launchChromium();
    try {
      const context = await browser.newContext();
      const { page } = await openPage(context, `${address}#key=wrong`);
      await page.locator('#talk').click();
      await page.locator('.notice.problem').waitFor();
      assert.match(await page.locator('#notices').innerText(), /access key is missing or wrong/);
      await page.getByLabel('Access key').fill('correct-horse-battery-staple');
      await page.keyboard.press('Enter');
      await page.locator(connected).waitFor({ timeout: 20_000 });
      const { page: linked } = await openPage(context, `${address}#key=correct-horse-battery-staple`);
      assert.equal(linked.url(), address);
      await linked.locator('#talk').click();
      await linked.locator(connected).waitFor({ timeout: 20_000 });
    } finally {
      await browser.close();
      await server.stop();
    }
  });

  test('over the network: the printed link alone is enough, with the self-made certificate', { skip: noServer }, async () => {
    const files = scratch();
    const server = await startServer('--lan', '--https-port', '0', '--set', `StateDirectory=${files.folder}`);
    const link = /On the network: +(\S+)/.exec(server.output)?.[1];
    const browser = await launchChromium();
    try {
      assert.match(link ?? server.output, /^https:.*#key=/);
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const { page, complaints } = await openPage(context, link);
      await page.locator('#talk').click();
      await page.locator(connected).waitFor({ timeout: 20_000 });
      assert.ok(!page.url().includes('key'));
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await server.stop();
      files.remove();
    }
  });
});
