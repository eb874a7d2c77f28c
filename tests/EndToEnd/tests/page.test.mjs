import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { networkInterfaces } from 'node:os';
import { launchChromium, openPage } from '../lib/chromium.mjs';
import { FakeHub } from '../lib/fake-hub.mjs';
import { completed, delta, interim, started } from '../lib/speech.mjs';
import { scratch, tone } from '../lib/sound.mjs';
import { serveDist } from '../lib/static-server.mjs';

const listening = '#link[data-state=listening]';
const connected = '#link[data-state=confirming], #link[data-state=listening]';

describe('the page, over a scripted server', { timeout: 180_000 }, () => {
  let site, browser, context, hub, page, complaints;

  before(async () => {
    site = await serveDist();
    browser = await launchChromium();
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext();
    hub = await FakeHub.install(context);
    ({ page, complaints } = await openPage(context, site.url));
  });

  afterEach(async () => {
    await context.close();
  });

  const start = async () => {
    await page.locator('#talk').click();
    await page.locator(connected).waitFor();
  };
  const notice = async () => {
    await page.locator('.notice').first().waitFor();
    return await page.locator('#notices').innerText();
  };

  test('tells committed text and changing tail apart, and announces finals alone', async () => {
    await start();
    await hub.say(started('a', 0), delta('a', 'Ask not'), interim('a', 'Ask not', ' what you'));
    await page.locator(listening).waitFor();
    await page.locator('.turn .tail:has-text("what you")').waitFor();
    assert.equal((await page.locator('.turn .committed').innerText()).trim(), 'Ask not');
    assert.notEqual(await colour('.turn .tail'), await colour('.turn .committed'));
    assert.equal(await page.locator('#announcer').innerText(), '');
    await hub.say(completed('a', 'Ask not what your country can do.'));
    await page.locator('.turn[data-status=final]').waitFor();
    assert.equal(await page.locator('#announcer').innerText(), 'Ask not what your country can do.');
    assert.equal(await page.locator('#announcer').getAttribute('aria-live'), 'polite');
    assert.deepEqual(complaints, []);
  });

  test('runs without an AudioContext', async () => {
    const other = await context.newPage();
    await other.addInitScript(() => { window.AudioContext = class { constructor() { throw new Error('no sound card'); } }; });
    await other.goto(site.url);
    await other.locator('#talk').click();
    await other.locator(connected).waitFor();
    assert.deepEqual(hub.commands, []);
  });

  test('shows the round trip once connected', async () => {
    await start();
    await page.locator('#link-figure', { hasText: /^\d+ ms/ }).waitFor();
  });

  test('is worked by keyboard alone, with the focus always visible', async () => {
    await page.keyboard.press('Space');
    await page.locator(connected).waitFor();
    assert.equal(await page.locator('#talk').innerText(), 'Stop');
    await page.locator('#talk').focus();
    await page.keyboard.press('Enter');
    await page.locator('#link[data-state=idle]').waitFor();
    assert.ok(hub.calls.includes('Close'));
    await page.locator('.skip').focus();
    const seen = [];
    for (let step = 0; step < 5; step++) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate(() => {
        const focused = document.activeElement;
        const marked = focused.matches('[role=switch]') ? focused.nextElementSibling : focused;
        return { id: focused.id, outline: getComputedStyle(marked).outlineStyle };
      }));
    }
    for (const id of ['device', 'talk', 'echo', 'noise', 'gain']) assert.ok(seen.some((at) => at.id === id), `Tab never reached #${id}`);
    assert.ok(seen.every((at) => at.outline !== 'none'), JSON.stringify(seen));
  });

  test('copies, exports, clears, and brings the cleared transcript back', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write', 'microphone']);
    assert.ok(await page.locator('#copy').isDisabled());
    await start();
    await hub.say(started('a', 0), completed('a', 'One.'), started('b', 9000), completed('b', 'Two.'));
    await page.locator('.turn[data-status=final]').nth(1).waitFor();
    await page.locator('#copy').click();
    await page.getByText('Copied.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'One.\n\nTwo.');
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export').click()]);
    assert.match(download.suggestedFilename(), /^transcript-.*\.txt$/);
    await page.locator('#clear').click();
    await page.locator('#transcript').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.turn[data-status=final]').nth(1).waitFor();
  });

  test('keeps what was written when the server forgets the session', async () => {
    await start();
    await hub.say(started('a', 0), completed('a', 'Before.'));
    await page.getByText('Before.').first().waitFor();
    hub.errors.Restart = 'HubException: {"type":"error","error":{"code":"session_not_found","message":"No such session."}}';
    await hub.vanish();
    await page.getByText('A new session began.').waitFor();
    await page.locator(connected).waitFor();
    await hub.say(started('a', 0), completed('a', 'After.'));
    await page.getByText('After.').first().waitFor();
    assert.equal(hub.calls.filter((call) => call === 'CreateSession').length, 2);
    assert.ok(await page.getByText('Before.').first().isVisible());
  });

  test('comes back after the microphone is unplugged, and says through which', async () => {
    await start();
    await page.evaluate(() => {
      // What the browser does when the device goes: the track ends by itself.
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await real(wanted));
    });
    await page.locator('#gain').focus();
    await page.keyboard.press('Space');
    await page.waitForFunction(() => window.stream !== undefined);
    await page.evaluate(() => {
      const [track] = window.stream.getAudioTracks();
      track.stop();
      track.dispatchEvent(new Event('ended'));
    });
    assert.match(await notice(), /was disconnected[\s\S]*Listening through/);
    await page.locator(connected).waitFor();
  });

  test('says that the system muted the microphone, until it no longer does', async () => {
    await page.evaluate(() => {
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await real(wanted));
    });
    await start();
    await page.evaluate(() => window.stream.getAudioTracks()[0].dispatchEvent(new Event('mute')));
    assert.match(await notice(), /muted by the system[\s\S]*Unmute/);
    await page.evaluate(() => window.stream.getAudioTracks()[0].dispatchEvent(new Event('unmute')));
    await page.locator('.notice').waitFor({ state: 'detached' });
  });

  test('says that the server is away', async () => {
    await context.route('**/negotiate*', (route) => route.abort());
    await page.locator('#talk').click();
    assert.match(await notice(), new RegExp(`server at ${new URL(site.url).host} does not answer[\\s\\S]*Check that it is running`));
    assert.ok(await page.getByRole('button', { name: 'Try again' }).first().isVisible());
  });

  test('asks for the key when it is missing or wrong, and uses the one given', async () => {
    hub.refuse = 401;
    await page.locator('#talk').click();
    assert.match(await notice(), /access key is missing or wrong/);
    hub.refuse = 0;
    const negotiation = page.waitForRequest('**/negotiate*');
    await page.getByLabel('Access key').fill('secret');
    await page.keyboard.press('Enter');
    assert.equal((await negotiation).headers().authorization, 'Bearer secret');
    await page.locator(connected).waitFor();
  });

  test('names the address and port that UDP cannot reach', async () => {
    hub.rewriteAnswer = (sdp) => sdp.replace(/^a=candidate:.*\r\n/gm, '').replace(/^a=mid:0\r\n/m, '$&a=candidate:1 1 udp 2130706431 192.0.2.77 40000 typ host\r\n');
    await page.locator('#talk').click();
    await page.locator('.notice').first().waitFor({ timeout: 40_000 });
    assert.match(await notice(), /cannot reach the server at 192\.0\.2\.77:40000[\s\S]*UDP/);
  });

  test('is readable on a small screen: nothing wider than the page, nothing smaller to touch than 40 px', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    const small = await page.evaluate(() => [...document.querySelectorAll('.panel button, .panel select, .panel .switch')]
      .map((element) => [element.id || element.textContent, element.getBoundingClientRect().height]).filter(([, height]) => height < 40));
    assert.deepEqual(small, []);
  });

  async function colour(selector) {
    return await page.locator(selector).first().evaluate((element) => getComputedStyle(element).color);
  }
});

describe('the page, while it is not connected yet', { timeout: 60_000 }, () => {
  test('keeps what is said and sends it first, as it was said', async () => {
    const files = scratch();
    const site = await serveDist();
    const browser = await launchChromium({ sound: tone(440, 10, files.folder) });
    try {
      const context = await browser.newContext();
      const hub = await FakeHub.install(context);
      let connect;
      hub.hold = new Promise((resolve) => { connect = resolve; });
      const { page, complaints } = await openPage(context, site.url);
      for (const id of ['echo', 'noise', 'gain']) await page.locator(`label:has(#${id})`).click();
      await page.locator('#talk').click();
      await page.getByText('Speak already: it is kept').waitFor();
      await page.waitForTimeout(1000);
      connect();
      await page.locator(connected).waitFor();
      const samples = hub.commands.filter((command) => command.type === 'input_audio_buffer.append').flatMap((command) => {
        const bytes = Buffer.from(command.audio, 'base64');
        return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2));
      });
      assert.ok(samples.length >= 24_000, `only ${samples.length} samples of at least a second were kept`);
      const rising = samples.filter((sample, index) => index > 0 && samples[index - 1] < 0 && sample >= 0).length;
      const hertz = (rising * 24_000) / samples.length;
      assert.ok(Math.abs(hertz - 440) < 30, `a tone of 440 Hz came as one of ${hertz}`);
      assert.ok(Math.max(...samples.slice(-12_000)) > 8000, 'the tone came too quietly');
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await site.close();
      files.remove();
    }
  });
});

describe('the page where there is no microphone to be had', { timeout: 60_000 }, () => {
  test('says that the browser refused it, and where to allow it', async () => {
    const site = await serveDist();
    const browser = await launchChromium({ microphone: 'refused', args: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'] });
    try {
      const { page } = await openPage(await browser.newContext(), site.url);
      await page.locator('#talk').click();
      await page.locator('.notice').waitFor();
      assert.match(await page.locator('#notices').innerText(), /browser refused the microphone[\s\S]*Allow/);
      assert.equal(await page.locator('#talk').innerText(), 'Try again');
    } finally {
      await browser.close();
      await site.close();
    }
  });

  test('says that there is none', async () => {
    const site = await serveDist();
    const browser = await launchChromium({ microphone: 'refused', args: ['--use-fake-ui-for-media-stream'] });
    try {
      const { page } = await openPage(await browser.newContext(), site.url);
      await page.evaluate(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Requested device not found', 'NotFoundError')); });
      await page.locator('#talk').click();
      await page.locator('.notice').waitFor();
      assert.match(await page.locator('#notices').innerText(), /No microphone was found[\s\S]*Plug one in/);
    } finally {
      await browser.close();
      await site.close();
    }
  });

  const lan = Object.values(networkInterfaces()).flat().find((entry) => entry.family === 'IPv4' && !entry.internal)?.address;
  test('names plain HTTP as the cause on a page from another machine', { skip: lan ? false : 'this machine has no address but loopback' }, async () => {
    const site = await serveDist(lan);
    const browser = await launchChromium();
    try {
      const { page } = await openPage(await browser.newContext(), site.url);
      assert.equal(await page.evaluate(() => window.isSecureContext), false);
      await page.locator('.notice').waitFor();
      assert.match(await page.locator('#notices').innerText(), /No microphone over http[\s\S]*HTTPS[\s\S]*localhost/);
      await page.locator('#talk').click();
      assert.match(await page.locator('#notices').innerText(), /No microphone over http/);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
