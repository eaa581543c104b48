// fal's stock proxy on Express, as its documentation shows it. Its own option names the upstream that stands in for fal.
import express from 'express';
import { createHandler, route } from '@fal-ai/server-proxy/express';

const { PORT, UPSTREAM } = process.env;
const app = express();
app.use(express.json());
app.get('/health', (_, response) => response.send('well'));
app.all(route, createHandler({ allowedUrlPatterns: [`${UPSTREAM}/**`] }));
app.listen(Number(PORT), '127.0.0.1');
