// Starts Swagger UI on this server's own document. Nothing is asked of any other server.
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
