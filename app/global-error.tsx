"use client";

import "./globals.css";

/** What a reader sees when even the frame of the pages cannot be made. It stands alone: no bar, no fonts, no data. */
export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <title>Vitrine</title>
        <main className="wrap py-16">
          <h1>The service cannot show its pages right now</h1>
          <p className="mt-2 max-w-[56ch] text-ink-2">Nothing of yours is lost; it usually passes within a minute.</p>
          <p className="mt-5">
            <button type="button" className="btn btn-main" onClick={() => window.location.reload()}>
              Ask again
            </button>
          </p>
        </main>
      </body>
    </html>
  );
}
