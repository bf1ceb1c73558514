/** The part of Swagger UI's bundle that is used; the package comes without types for it. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface SwaggerUIOptions {
    url: string;
    domNode: HTMLElement | null;
    docExpansion: "none" | "list" | "full";
    defaultModelsExpandDepth: number;
    deepLinking: boolean;
    tryItOutEnabled: boolean;
    validatorUrl: null;
  }
  export default function SwaggerUIBundle(options: SwaggerUIOptions): unknown;
}
