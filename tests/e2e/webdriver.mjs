// The few WebDriver commands the window test needs, over plain HTTP to WebKitWebDriver.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Driver {
  /** The program says what it has to say to `log`, an open file. */
  static async start(binary, args, env, log = 'inherit') {
    const port = await freePort();
    const child = spawn('WebKitWebDriver', [`--port=${port}`], {
      env: { ...process.env, TAURI_WEBVIEW_AUTOMATION: 'true', WEBKIT_DISABLE_DMABUF_RENDERER: '1', LIBGL_ALWAYS_SOFTWARE: '1', ...env },
      stdio: ['ignore', log, log],
    });
    const driver = new Driver(`http://127.0.0.1:${port}`, child);
    await driver.until('the driver answers', async () => (await fetch(`${driver.base}/status`)).ok);
    const { sessionId } = await driver.call('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } } },
    });
    driver.session = `/session/${sessionId}`;
    return driver;
  }

  constructor(base, child) {
    this.base = base;
    this.child = child;
  }

  async call(method, path, body) {
    const response = await fetch(this.base + path, { method, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(20_000) }).catch((error) => { throw new Error(`${method} ${path} ${JSON.stringify(body ?? '').slice(0, 120)}: ${error.message}`); });
    const { value } = await response.json();
    if (value?.error) throw Object.assign(new Error(`${value.error}: ${value.message}`), { webdriver: value.error });
    return value;
  }

  async find(css) {
    return (await this.call('POST', `${this.session}/element`, { using: 'css selector', value: css }))[ELEMENT];
  }

  async run(script, ...args) {
    return this.call('POST', `${this.session}/execute/sync`, { script, args });
  }

  /** Waits until the control is there and open, then clicks it as a person would. */
  async click(css, milliseconds = 20_000) {
    await this.until(`${css} can be clicked`, async () => {
      const ready = await this.run('const n = document.querySelector(arguments[0]); if (!n || n.disabled) return false; n.scrollIntoView({block: "center"}); return true;', css);
      if (!ready) return false;
      await this.call('POST', `${this.session}/element/${await this.find(css)}/click`, {});
      return true;
    }, milliseconds);
  }

  async type(css, text) {
    await this.call('POST', `${this.session}/element/${await this.find(css)}/value`, { text });
  }

  async until(what, check, milliseconds = 20_000) {
    const end = Date.now() + milliseconds;
    let last;
    for (;;) {
      try {
        const result = await check();
        if (result) return result;
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) throw new Error(`waited in vain: ${what}${last ? ` (${last.message})` : ''}`);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  }

  /** A picture of the display itself (ImageMagick): the driver's own screenshot command never answers under Xvfb. */
  screenshot(path) {
    const run = spawnSync('import', ['-window', 'root', path]);
    if (run.status !== 0) throw new Error(`import: ${run.stderr}`);
  }

  async stop() {
    if (this.session) await this.call('DELETE', this.session).catch(() => undefined);
    this.child.kill();
  }
}
