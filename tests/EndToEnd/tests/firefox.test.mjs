import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { noServer, startServer } from '../lib/server.mjs';
import { hasPulse, jfk, noSpeech, padded, scratch, startPulse, wordsOf } from '../lib/sound.mjs';
import { finalsOnPage, waitForWords, wordsWhileSpeaking } from '../lib/transcript.mjs';

const Executable = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
// Firefox pairs no loopback candidates, so the machine needs another address; it may be one that leads nowhere.
const reachable = Object.values(networkInterfaces()).flat().some((entry) => !entry.internal);
const skip = noServer || noSpeech
  || (existsSync(Executable) ? false : `${Executable} is not installed`)
  || (hasPulse() ? false : 'pulseaudio and pulseaudio-utils are not installed')
  || (reachable ? false : 'this machine has no address but loopback, which Firefox does not pair');

describe('Firefox, the page and the server', { timeout: 240_000 }, () => {
  test('words appear while they are spoken into its microphone, and the finals are right to the word', { skip }, async () => {
    const files = scratch();
    const server = await startServer();
    const pulse = await startPulse();
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: Executable,
      headless: true,
      env: { ...process.env, ...pulse.env, HOME: files.folder },
      extraPrefsFirefox: { 'media.navigator.permission.disabled': true, 'media.navigator.streams.fake': false },
    });
    try {
      const page = await browser.newPage();
      const complaints = [];
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(server.url);
      for (const id of ['echo', 'noise', 'gain']) await page.click(`label:has(#${id})`);
      await page.click('#talk');
      await page.waitForSelector('#link[data-state=confirming], #link[data-state=listening]', { timeout: 30_000 });
      const played = pulse.play(padded(jfk.file, files.folder, 1));
      await page.waitForFunction(wordsWhileSpeaking, { timeout: 30_000 });
      assert.equal(await page.$eval('#link', (link) => link.dataset.state), 'listening');
      assert.equal(await waitForWords(page, jfk.words), jfk.words);
      await played;
      await page.click('#talk');
      await page.waitForSelector('#link[data-state=idle]', { timeout: 20_000 });
      assert.equal(wordsOf(await page.evaluate(finalsOnPage)), jfk.words);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      pulse.stop();
      await server.stop();
      files.remove();
    }
  });
});
