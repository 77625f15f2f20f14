// The network between counter and backend: cut until it is opened, then it carries every byte.
import { connect, createServer } from 'node:net';

export class Way {
  #server;
  #port;
  #open = false;

  static async open() {
    const way = new Way();
    way.#server = createServer((near) => {
      if (!way.#open) return near.destroy();
      const far = connect(way.#port, '127.0.0.1');
      for (const [from, to] of [[near, far], [far, near]]) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    await new Promise((resolve) => way.#server.listen(0, '127.0.0.1', resolve));
    way.url = `http://127.0.0.1:${way.#server.address().port}`;
    return way;
  }

  leadsTo(port) {
    this.#port = port;
  }

  opens() {
    this.#open = true;
  }

  close() {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
