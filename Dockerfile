# The server with its page and models. Audio needs real addresses: run it with host networking (see compose.yaml).
FROM node:22-bookworm-slim AS page
WORKDIR /src/web-demo
COPY web-demo/package.json web-demo/package-lock.json ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY web-demo ./
RUN npm run build

FROM node:22-bookworm-slim AS models
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates util-linux && rm -rf /var/lib/apt/lists/*
COPY models /src/models
RUN /src/models/install

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src src
# What the engine carries inside itself.
COPY models/catalog.json models/
COPY tests/data/jfk.wav tests/data/
RUN dotnet publish src/MediaServer -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends libopus0 ffmpeg && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app ./
COPY --from=page /src/web-demo/dist web-demo/dist
COPY --from=models /src/models/installed models/installed
# The model's graphs are rewritten for speed when it is first used, and kept beside it.
RUN mkdir /state && chown -R "$APP_UID" /state models/installed
ENV ASRHUB_HOME=/app ASRHUB_STATEDIRECTORY=/state
USER $APP_UID
VOLUME /state
EXPOSE 8080/tcp 8443/tcp 8080/udp
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "AsrHub.Rtc.MediaServer.dll"]
