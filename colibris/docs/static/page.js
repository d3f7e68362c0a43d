'use strict';

(function () {
  const page = document.getElementById('docs');
  const path = page.dataset.path;
  const here = window.location.pathname;

  // Behind a proxy that serves the API below a prefix, requests that are tried out need that prefix, too.
  const prefix = here.endsWith(path) ? here.slice(0, -path.length) : '';

  function addPrefix(request) {
    if (request.loadSpec || !prefix) {
      return request;
    }
    const url = new URL(request.url, window.location.href);
    if (url.origin === window.location.origin && !url.pathname.startsWith(prefix + '/')) {
      url.pathname = prefix + url.pathname;
      request.url = url.href;
    }
    return request;
  }

  if (window.matchMedia('(prefers-color-scheme: dark)').matches) {
    document.documentElement.classList.add('dark-mode');
  }

  window.ui = window.SwaggerUIBundle({
    url: page.dataset.document,
    domNode: page,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    persistAuthorization: true,
    requestInterceptor: addPrefix,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
