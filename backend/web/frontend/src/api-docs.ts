/** The documentation of the API, readable with no internet: `<div id="api-docs" data-openapi="…">`. */

import "swagger-ui-dist/swagger-ui.css";
import "./api-docs.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const root = document.getElementById("api-docs");
if (root) {
  SwaggerUI({
    domNode: root,
    url: root.dataset["openapi"] ?? "/openapi.json",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null, // the default sends the schema to a public server
  });
}
