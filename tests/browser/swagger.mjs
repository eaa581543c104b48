// A newcomer tries the API in Swagger UI, in a real browser: node swagger.mjs <base url> <output folder>
// Prints one line of JSON; exits with 1 and a readable reason when something is not as it should be.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { inChromium } from './chromium.mjs';


const [base, output] = process.argv.slice(2);
if (!base || !output) {
  console.error('Usage: node swagger.mjs <base url> <output folder>');
  process.exit(2);
}

const complaints = [];

/** Everything a developer would see in red, and every call to somebody else. */
function listenForComplaints(page) {
  page.on('console', message => message.type() === 'error' && complaints.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', error => complaints.push(`page: ${error.message}`));
  page.on('request', request => {
    if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== new URL(base).origin) complaints.push(`foreign: ${request.url()}`);
  });
}

/** Sends the body that the page has filled in, untouched. */
async function tries(page, operation, status) {
  const block = page.locator(`[id$="-${operation}"].opblock`);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  const sent = await block.locator('textarea.body-param__text').inputValue();
  assert.ok(JSON.parse(sent).input.image_url, 'The body is filled in.');

  const answer = page.waitForResponse(response => response.request().method() === 'POST');
  await block.getByRole('button', { name: 'Execute' }).click();
  const received = await answer;
  assert.equal(received.status(), status, `${operation} answers ${received.status()}: ${await received.text()}`);
  await block.locator('.live-responses-table .response-col_status').filter({ hasText: String(status) }).first().waitFor();
  await block.evaluate(element => element.scrollIntoView());
  await page.screenshot({ path: path.join(output, `swagger-${operation}.png`) });
  return received.json();
}

async function firstTry(page) {
  await page.goto(new URL('swagger', base).href);
  await page.getByRole('heading', { name: 'KlingProxy' }).waitFor();
  await page.screenshot({ path: path.join(output, 'swagger.png'), fullPage: true });

  const quote = await tries(page, 'QuoteVideo', 200);
  assert.deepEqual(quote.errors, []);
  const job = await tries(page, 'CreateJob', 202);
  assert.deepEqual(complaints, [], 'The browser complained.');
  return { amount: quote.amount, job: job.status };
}

await mkdir(output, { recursive: true });
await inChromium('Swagger UI is', async page => {
  listenForComplaints(page);
  return firstTry(page);
}, { viewport: { width: 1360, height: 1500 }, complaints, screenshot: path.join(output, 'swagger-failed.png') });
