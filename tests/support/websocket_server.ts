/** A WebSocket server on loopback that does what the test tells it to; no runtime has one for all. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** How the server meets a client. */
export type Greeting =
  /** Shakes hands. */
  | "accept"
  /** Answers the upgrade with HTTP 401. */
  | "refuse"
  /** Answers nothing. */
  | "ignore"
  /** Breaks off the connection. */
  | "reset";

/** What the server answers to `GET /readyz`; 200 is what an app-server says. */
export type ServerOptions = { greeting?: Greeting; readyStatus?: number };

/** The end of the server in one connection. */
export class ServerSocket {
  /** The lines of the request, as sent. */
  readonly request: string[];
  /** The texts of the frames that arrived. */
  readonly received: string[] = [];
  readonly #socket: Socket;
  #heard: () => void = () => {};
  #bytes: Uint8Array = new Uint8Array(0);
  /** What has arrived since, and how much is missing for the next frame. */
  #chunks: Uint8Array[] = [];
  #missing = 0;

  constructor(socket: Socket, request: string[]) {
    this.#socket = socket;
    this.request = request;
    socket.on("data", (chunk) => this.#take(chunk as Uint8Array));
  }

  /** The value of a header; `undefined` without it. */
  header(name: string): string | undefined {
    const start = `${name.toLowerCase()}: `;
    return this.request.find((line) => line.toLowerCase().startsWith(start))?.slice(start.length);
  }

  /** Resolves when that many frames have arrived. */
  async frames(count: number): Promise<string[]> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => this.#heard = resolve);
    }
    return this.received;
  }

  /** Sends a frame with text (1), bytes (2) or a close code (8). */
  send(data: string | Uint8Array, opcode: 1 | 2 | 8 = 1): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const head = bytes.length < 126
      ? [0x80 | opcode, bytes.length]
      : [0x80 | opcode, 126, bytes.length >> 8, bytes.length & 0xff];
    this.#socket.write(new Uint8Array([...head, ...bytes]));
  }

  /** Reads no more, so that the client cannot get rid of what it sends. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Breaks off the connection, as the end of the server's process does. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#missing -= chunk.length;
    // Frames of megabytes arrive in hundreds of chunks.
    if (this.#missing > 0) return;
    this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks]);
    this.#chunks = [];
    while (this.#takeFrame());
    this.#heard();
  }

  /** Takes a frame of a client, which is masked; `false` when there is no whole one. */
  #takeFrame(): boolean {
    const bytes = this.#bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (bytes.length < 2) return false;
    const short = bytes[1]! & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < start + 4) return false;
    const length = short < 126
      ? short
      : short === 126
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    const end = start + 4 + length;
    if (bytes.length < end) {
      this.#missing = end - bytes.length;
      return false;
    }
    const mask = bytes.subarray(start, start + 4);
    const payload = bytes.subarray(start + 4, end);
    for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ mask[i % 4]!;
    this.#bytes = bytes.subarray(end);
    if ((bytes[0]! & 0xf) === 1) this.received.push(new TextDecoder().decode(payload));
    // The real one breaks off, too, instead of agreeing to the end.
    if ((bytes[0]! & 0xf) === 8) this.destroy();
    return true;
  }
}

/** A server that listens on loopback. */
export class WebSocketServer {
  /** `ws://127.0.0.1:<port>`. */
  url = "";
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #accepted: ServerSocket[] = [];
  /** The first lines of what was asked for without an upgrade. */
  readonly plainRequests: string[] = [];
  #arrived: () => void = () => {};

  private constructor({ greeting = "accept", readyStatus = 200 }: ServerOptions) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      // A client that goes away at once is an error here.
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      let head = "";
      const read = (chunk: Uint8Array) => {
        head += new TextDecoder("latin1").decode(chunk);
        if (!head.includes("\r\n\r\n")) return;
        socket.off("data", read);
        this.#greet(socket, head.split("\r\n"), { greeting, readyStatus });
      };
      socket.on("data", read);
    });
  }

  static async listen(options: ServerOptions = {}): Promise<WebSocketServer> {
    const server = new WebSocketServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    server.url = `ws://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  /** The first client, or the one after those that were asked for before. */
  async client(): Promise<ServerSocket> {
    while (this.#accepted.length === 0) {
      await new Promise<void>((resolve) => this.#arrived = resolve);
    }
    return this.#accepted.shift()!;
  }

  /** Breaks off all connections and listens no more. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: Socket, request: string[], options: Required<ServerOptions>): void {
    const key = request.find((line) => /^sec-websocket-key: /i.test(line))?.split(": ")[1];
    if (key === undefined) {
      this.plainRequests.push(request.join("\n"));
      socket.end(
        `HTTP/1.1 ${options.readyStatus} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    if (options.greeting === "ignore") return;
    if (options.greeting === "reset") return void socket.destroy();
    if (options.greeting === "refuse") {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    this.#accepted.push(new ServerSocket(socket, request));
    this.#arrived();
  }
}
