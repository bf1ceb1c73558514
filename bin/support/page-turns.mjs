import { findAddress } from "./caller-address.mjs";

/** How many pages one address has made at once. A process makes them on one thread: more at once make none of them earlier, and calls late. */
const AT_ONCE = 2;
/** How many wait; a browser asks for a few dozen at most, with those it fetches ahead. */
const MOST_WAITING = 200;
/** A reader who takes a page slowly does not hold the turn for longer, in milliseconds. */
const LONGEST_MS = 5_000;

/** No page is made at these: scripts and pictures are files, and doors have limits of their own, or are asked by probes. */
const FILES = /^\/(_next\/(?!image)|icon\.svg$|favicon\.ico$|vitrine\.)/;
const DOORS = /^\/(api(\/|$)|health\/?$|admin\/(trpc\/[^/]+|auth\/.+|uploads\/[^/]+\/[^/]+|jobs\/upkeep|livez|readyz|metrics)$)/;

function isPage(url) {
  const path = url.replace(/\?.*$/s, "");
  return !FILES.test(path) && !DOORS.test(path);
}

function refuse(response) {
  response.writeHead(503, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", "Retry-After": "5" });
  response.end("Too many pages are asked for at once. Ask again in a few seconds.\n");
}

/**
 * Lets pages of one address be made a few at a time, the others wait in the order they came: whoever asks for many at once, with or without
 * a session, waits for themselves, and the calls of everybody else come between.
 */
export class PageTurns {
  /** By address: how many are being made, and who waits. */
  #lines = new Map();
  #proxies;
  #longestMs;

  /** @param {{ proxies?: number, longestMs?: number }} options `proxies`: how many of ours are in front */
  constructor({ proxies = 0, longestMs = LONGEST_MS } = {}) {
    this.#proxies = proxies;
    this.#longestMs = longestMs;
  }

  /** Calls `make` when it is the turn of this call; never, when its caller goes before. */
  take(request, response, make) {
    if ((request.method !== "GET" && request.method !== "HEAD") || !isPage(request.url)) return make();
    const address = findAddress(request.headers, this.#proxies);
    const line = this.#lines.get(address) ?? { taken: 0, waiting: [] };
    this.#lines.set(address, line);
    if (line.taken < AT_ONCE) return this.#begin(address, line, response, make);
    if (line.waiting.length >= MOST_WAITING) return refuse(response);
    line.waiting.push({ response, make });
  }

  #begin(address, line, response, make) {
    line.taken += 1;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      clearTimeout(timer);
      line.taken -= 1;
      this.#next(address, line);
    };
    const timer = setTimeout(leave, this.#longestMs).unref();
    response.once("close", leave);
    return make();
  }

  #next(address, line) {
    for (let next = line.waiting.shift(); next; next = line.waiting.shift()) {
      // Whoever went away meanwhile waits for nothing.
      if (!next.response.destroyed) return void this.#begin(address, line, next.response, next.make);
    }
    if (line.taken === 0) this.#lines.delete(address);
  }

  /** How many addresses are in line. */
  get size() {
    return this.#lines.size;
  }
}
