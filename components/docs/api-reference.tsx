"use client";

import { useEffect, useRef, useState } from "react";
import "swagger-ui-dist/swagger-ui.css";
import "./api-reference.css";

/** The interactive reference, drawn in the browser from this service's own OpenAPI document. Nothing comes from another host. */
export function ApiReference() {
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const show = async () => {
      const { default: SwaggerUIBundle } = await import("swagger-ui-dist/swagger-ui-es-bundle.js");
      SwaggerUIBundle({
        url: "/api/openapi.json",
        domNode: place.current,
        docExpansion: "list",
        defaultModelsExpandDepth: -1,
        deepLinking: true,
        tryItOutEnabled: true,
        validatorUrl: null,
      });
    };
    show().catch(() => setFailed(true));
  }, []);
  return (
    <div className="pane api-reference">
      {failed && <p className="p-4 text-bad">The reference could not be loaded. The document itself is at /api/openapi.json.</p>}
      <div ref={place} />
    </div>
  );
}
