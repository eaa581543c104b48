// fal's stock proxy on Hono, as its documentation shows it. Its own option names the upstream that stands in for fal.
import { serve } from '@hono/node-server';
import { createRouteHandler } from '@fal-ai/server-proxy/hono';
import { Hono } from 'hono';

const { PORT, UPSTREAM } = process.env;
const app = new Hono();
app.get('/health', (context) => context.text('well'));
app.all('/api/fal/proxy', createRouteHandler({ allowedUrlPatterns: [`${UPSTREAM}/**`] }));
serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' });
