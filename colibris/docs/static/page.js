'use strict';

(function () {
  const page = document.getElementById('docs');
  const path = page.dataset.path;
  const here = window.location.pathname;

  // Behind a proxy that serves the API below a prefix, requests that are tried out need that prefix, too.
  const prefix = here.endsWith(path) ? here.slice(0, -path.length) : '';

  // With a cookie, requests that change something have to say what an earlier answer's header has told.
  let token = null;

  function keepToken(response) {
    token = response.headers['x-csrf-token'] || token;
    return response;
  }

  function complete(request) {
    const url = new URL(request.url, window.location.href);
    if (request.loadSpec || url.origin !== window.location.origin) {
      return request;
    }
    if (prefix && !url.pathname.startsWith(prefix + '/')) {
      url.pathname = prefix + url.pathname;
      request.url = url.href;
    }
    if (token) {
      request.headers['X-CSRF-Token'] = request.headers['X-CSRF-Token'] || token;
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
    requestInterceptor: complete,
    responseInterceptor: keepToken,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
})();
