# The programs of Holdfast, a target each: say, echo, gateway, proxy (`docker build --target say .`). They are one command, linked with
# Swift's libraries, so each image is the same with another first word. No engine ran where this was written: Scripts/check-containers takes
# the same steps by hand.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libnghttp2-dev zlib1g-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /work
COPY . .
RUN Scripts/build-static

FROM debian:bookworm-slim AS holdfast
RUN apt-get update \
 && apt-get install -y --no-install-recommends libnghttp2-14 libstdc++6 zlib1g \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /work/.build-static/release/holdfast /usr/bin/holdfast
COPY Policies /policies
USER 65532:65532

FROM holdfast AS say
EXPOSE 50051
HEALTHCHECK --interval=5s --timeout=3s CMD ["/usr/bin/holdfast", "call", "say", "--timeout", "2"]
ENTRYPOINT ["/usr/bin/holdfast", "serve", "say", "--host", "0.0.0.0"]

FROM holdfast AS echo
EXPOSE 8001
HEALTHCHECK --interval=5s --timeout=3s CMD ["/usr/bin/holdfast", "call", "echo", "--timeout", "2", "healthy?"]
ENTRYPOINT ["/usr/bin/holdfast", "serve", "echo", "--host", "0.0.0.0", "--no-http", "--no-debug"]

FROM holdfast AS gateway
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s CMD ["/usr/bin/holdfast", "call", "hello"]
ENTRYPOINT ["/usr/bin/holdfast", "serve", "gateway", "--host", "0.0.0.0"]

FROM holdfast AS proxy
EXPOSE 7000 8474
HEALTHCHECK --interval=5s --timeout=3s CMD ["/usr/bin/holdfast", "chaos", "fault", "list"]
ENTRYPOINT ["/usr/bin/holdfast", "chaos", "proxy", "--listen", "0.0.0.0:7000", "--admin", "0.0.0.0:8474", "--allow-remote"]
