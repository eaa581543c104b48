# syntax=docker/dockerfile:1

# The SDK is named exactly: packages.lock.json holds the compiler that comes with it, and a locked restore takes no other.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0.401-noble
# Not the chiseled one: the health check below is a line of bash, so the image needs no second program that can make requests.
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble
# The context holds no git to tell it. One for the binary and the label: docker build --build-arg VERSION=1.2.3
ARG VERSION=1.0.0-dev

FROM ${SDK_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
ENV CI=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# A layer of its own, repeated only when a package changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/KlingProxy/KlingProxy.csproj src/KlingProxy/packages.lock.json src/KlingProxy/
COPY src/KlingProxy.Sandbox/KlingProxy.Sandbox.csproj src/KlingProxy.Sandbox/packages.lock.json src/KlingProxy.Sandbox/
RUN dotnet restore src/KlingProxy -r linux-x64

COPY . .
ARG VERSION
RUN dotnet publish src/KlingProxy --no-restore -c Release -r linux-x64 -o /out/app -p:MinVerVersionOverride="$VERSION" \
    && mkdir -m 700 /out/data

FROM ${RUNTIME_IMAGE}
ARG VERSION
ARG REVISION=unknown
LABEL org.opencontainers.image.title="KlingProxy" \
      org.opencontainers.image.description="Server-side proxy for Kling O3 4K image-to-video on fal.ai" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /app
COPY --from=build /out/app .
# A new volume takes its owner from here: this is what lets the user below write to it.
COPY --from=build --chown=1654:1654 /out/data /data
VOLUME /data

# HTTP_PORTS comes with the base image and would only be warned about beside URLS. Diagnostics are a socket in /tmp through which the
# memory, and with it the key, could be read.
ENV ASPNETCORE_URLS=http://+:8080 \
    ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0 \
    Storage__Sqlite=/data/klingproxy.db
EXPOSE 8080
# The base image's own "app", by number: orchestrators can only prove of a number that it is not root.
USER 1654:1654

HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/live HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.1 200' <&3"]
ENTRYPOINT ["./KlingProxy"]
