import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const Dist = fileURLToPath(new URL('../../../web-demo/dist/', import.meta.url));
const Types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

/** As the server sends it: what the policy forbids must not work here either. */
const Policy =
  "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "media-src 'self' blob: mediastream:; connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The built page alone, with no hub behind it. */
export async function serveDist(address = '127.0.0.1') {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://x').pathname);
    try {
      const body = await readFile(join(Dist, path === '/' ? 'index.html' : path));
      response.setHeader('Content-Type', Types[extname(path)] ?? Types['.html']);
      response.setHeader('Content-Security-Policy', Policy);
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, address, resolve));
  const url = `http://${address === '127.0.0.1' ? 'localhost' : address}:${server.address().port}/`;
  return { url, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}
