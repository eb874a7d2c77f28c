import { chromium } from 'playwright-core';

const Executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Debian's Chromium. `sound` is a WAV that plays as the microphone from the moment the page opens it, once or over and over. */
export async function launchChromium({ sound, loop = false, args = [], microphone = 'granted' } = {}) {
  const flags = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-features=WebRtcHideLocalIpsWithMdns', ...args];
  if (microphone === 'granted') flags.push('--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream');
  if (sound) flags.push(`--use-file-for-fake-audio-capture=${sound}${loop ? '' : '%noloop'}`);
  return await chromium.launch({ executablePath: Executable, headless: true, args: flags });
}

/** Opens a page that keeps what it complains about; a test ends by asserting that it complained about nothing. */
export async function openPage(context, url) {
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  await page.goto(url);
  return { page, complaints };
}
