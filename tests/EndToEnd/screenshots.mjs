/** Pictures of the page in its states, over the scripted server: `node screenshots.mjs FOLDER`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchChromium } from './lib/chromium.mjs';
import { FakeHub } from './lib/fake-hub.mjs';
import { completed, delta, interim, started, stopped } from './lib/speech.mjs';
import { serveDist } from './lib/static-server.mjs';

const folder = process.argv[2] ?? 'screenshots';
await mkdir(folder, { recursive: true });
const site = await serveDist();
const browser = await launchChromium();
const Desktop = { width: 1200, height: 800 };
const Phone = { width: 390, height: 844 };

async function shoot(name, options, act) {
  const context = await browser.newContext({ reducedMotion: 'reduce', deviceScaleFactor: 2, ...options });
  const hub = await FakeHub.install(context);
  const page = await context.newPage();
  await act(page, hub);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

async function idle(page) {
  await page.goto(site.url);
}

async function listening(page, hub) {
  await page.goto(site.url);
  await page.locator('#talk').click();
  await page.locator('#link[data-state=confirming], #link[data-state=listening]').waitFor();
  await hub.say(
    started('a', 900), stopped('a', 7200),
    completed('a', 'The sea was calm that morning, and the little boat went out before anyone in the village was awake.'),
    started('b', 7600), stopped('b', 11800),
    completed('b', 'We took bread, a flask of coffee, and the old map.'),
    started('c', 15400),
    delta('c', 'Past the second lighthouse the water turns green,'),
    interim('c', 'Past the second lighthouse the water turns green,', ' and you can see the bottom'),
  );
  await page.locator('#link[data-state=listening]').waitFor();
  await page.locator('#link-figure:not(:empty)').waitFor();
  await page.waitForTimeout(1200);
}

async function away(page, hub) {
  hub.refuse = 503;
  await page.goto(site.url);
  await page.locator('#talk').click();
  await page.locator('.notice').waitFor();
}

async function key(page, hub) {
  hub.refuse = 401;
  await page.goto(site.url);
  await page.locator('#talk').click();
  await page.locator('.notice').waitFor();
}

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of [['desktop', Desktop], ['phone', Phone]]) {
    const options = { colorScheme, viewport };
    for (const [name, act] of Object.entries({ idle, listening, away, key })) await shoot(`${name}-${size}-${colorScheme}`, options, act);
  }
}
await shoot('listening-landscape-light', { colorScheme: 'light', viewport: { width: 740, height: 360 } }, listening);
await browser.close();
await site.close();
