// A fresh Chromium for one script, and how a script ends: one line of JSON, or exit code 1 and a readable reason.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/**
 * @param what The thing that is looked at, for the reason.
 * @param look Gets the browser and its first page; what it returns is printed.
 * @param options `viewport`; `complaints`, printed with the reason; `screenshot`, a file for the page as it failed.
 */
export async function inChromium(what, look, { viewport, complaints = [], screenshot } = {}) {
  const profile = await mkdtemp(path.join(tmpdir(), 'chromium-'));
  let browser, page;
  try {
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags, ...(viewport && { viewport }),
    });
    page = browser.pages()[0] ?? await browser.newPage();
    console.log(JSON.stringify({ ok: true, ...await look(page, browser) }));
  } catch (error) {
    if (screenshot) await page?.screenshot({ path: screenshot, fullPage: true }).catch(() => {});
    console.error(`${what} not as it should be: ${error.stack}`);
    for (const complaint of complaints) console.error(`  ${complaint}`);
    process.exitCode = 1;
  } finally {
    await browser?.close();
    await rm(profile, { recursive: true, force: true });
  }
}
