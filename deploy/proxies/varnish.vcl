vcl 4.1;

# Behind a proxy that ends TLS and sets X-Forwarded-For, -Proto and -Host; Varnish adds the address that it saw. ACTIONMAIL_PROXIES=2
backend actionmail {
    .host = "127.0.0.1";
    .port = "8000";
}

sub vcl_recv {
    # The same for everybody (below a path: "^/act/static/"). All else belongs to one session, and goes past the cache.
    if ((req.method == "GET" || req.method == "HEAD") && req.url ~ "^/static/") {
        unset req.http.Cookie;
        return (hash);
    }
    return (pass);
}

sub vcl_backend_response {
    # Varnish goes by max-age alone: of "private, no-cache", as on a page that says that nothing is there, it would keep a copy.
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control !~ "^public, max-age=") {
        set beresp.uncacheable = true;
    }
}
