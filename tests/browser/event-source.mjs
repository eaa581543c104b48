// The plainest watcher there is, as the README has it, on a page that does nothing else, in a real browser:
// node event-source.mjs <base url> <key>
// Prints one line of JSON; exits with 1 and a readable reason when it hears anything after the end, or comes back.

import assert from 'node:assert/strict';

import { inChromium } from './chromium.mjs';

const [base, key] = process.argv.slice(2);
if (!key) {
  console.error('Usage: node event-source.mjs <base url> <key>');
  process.exit(2);
}

const page = `<pre id=o></pre><script>
const s = new EventSource(new URLSearchParams(location.search).get('u'));
const p = t => o.append(t + '\\n');
s.onopen = () => p('open');
s.onerror = () => p('error, state ' + s.readyState);
s.addEventListener('job', e => p(e.lastEventId + ' ' + JSON.parse(e.data).status));
</script>`;

async function order() {
  const headers = { 'Authorization': `Bearer ${key}`, 'Content-Type': 'application/json' };
  const input = { image_url: 'https://example.com/start.png', prompt: `A gate opens. ${Math.random()}`, duration: '3' };
  const reply = await fetch(new URL('v1/jobs', base), { method: 'POST', headers, body: JSON.stringify({ input }) });
  assert.equal(reply.status, 202);
  return reply.json();
}

/** What the page has heard when the source has closed for good. */
async function watch(tab, events) {
  const calls = [];
  tab.on('response', reply => reply.url().includes('/events') && calls.push(reply.status()));
  await tab.route('**/watch?*', route => route.fulfill({ contentType: 'text/html', body: page }));
  await tab.goto(`${new URL('watch', base)}?u=${encodeURIComponent(events)}`);
  await tab.waitForFunction(() => document.getElementById('o').textContent.includes('state 2'), undefined, { timeout: 120_000 });
  await tab.waitForTimeout(8000); // longer than any pause before coming back
  return { calls, heard: (await tab.textContent('#o')).trim().split('\n') };
}

await inChromium('A plain EventSource is', async (_, browser) => {
  const [plain, resumed] = await Promise.all(['', '&after=0'].map(async after => {
    const job = await order();
    return watch(await browser.newPage(), job.links.events + after);
  }));
  for (const { calls, heard } of [plain, resumed]) {
    assert.deepEqual(calls, [200, 204], heard.join('; '));
    assert.equal(heard.filter(word => word.endsWith('completed')).length, 1, heard.join('; '));
    assert.deepEqual(heard.slice(-2), ['error, state 0', 'error, state 2'], heard.join('; '));
    const numbers = heard.map(word => Number.parseInt(word, 10)).filter(Number.isInteger);
    assert.deepEqual(numbers, numbers.map((_, index) => index + 1), 'Each is told once, and in order.');
  }
  return { heard: plain.heard };
});
