# Two images of one tree:
#
#     docker build -t digitd .                            the server alone
#     docker build -t digitd:torch --target torch .       with libtorch, and the tool `digit`
#
# Both are made of nothing but the files that the programs need: no shell, no package manager.
# `./dev image` builds them where there is no Docker, too, and fills in the arguments.
ARG BASE=debian:trixie-slim

FROM --platform=$BUILDPLATFORM $BASE AS packages
ARG TARGETARCH
WORKDIR /src
COPY dev ./
COPY docker/root/packages.sh docker/root/
RUN docker/root/packages.sh "$TARGETARCH" $(./dev depends build) && mkdir /empty

# Swagger UI, each file with its checksum. A build context of the name `site` takes its place.
FROM packages AS fetch
COPY server/docs/fetch.sh server/docs/
RUN XDG_CACHE_HOME=/site server/docs/fetch.sh
FROM scratch AS site
COPY --from=fetch /site/ /

FROM packages AS build
ARG TARGETARCH
ARG SOURCE_DATE_EPOCH=0
ENV XDG_CACHE_HOME=/site
COPY --from=site / /site/
COPY . .
RUN docker/root/build.sh "$TARGETARCH" /installed server
RUN docker/root/collect.py "$TARGETARCH" /installed /image

# What can be tested without a data set or a browser, with this Debian's libraries.
FROM packages AS test
RUN docker/root/packages.sh "$(dpkg --print-architecture)" $(./dev depends test)
ENV XDG_CACHE_HOME=/site
COPY --from=site / /site/
COPY . .
RUN docker/root/test.sh

FROM packages AS torch-packages
ARG TARGETARCH
RUN docker/root/packages.sh "$TARGETARCH" $(./dev depends torch)

FROM torch-packages AS torch-build
ARG TARGETARCH
ARG SOURCE_DATE_EPOCH=0
ENV XDG_CACHE_HOME=/site
COPY --from=site / /site/
COPY . .
RUN docker/root/build.sh "$TARGETARCH" /installed server tool torch
RUN docker/root/collect.py "$TARGETARCH" /installed /image

FROM scratch AS base
ARG REVISION=unknown
LABEL org.opencontainers.image.title="digitd" \
  org.opencontainers.image.description="Handwritten digits over HTTP" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.revision="$REVISION"
# Every network: what is published is for whoever runs the container to say.
ENV DIGITD_HOST=0.0.0.0 DIGITD_CACHE=/cache HOME=/cache
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["/usr/bin/digitd", "--check"]
ENTRYPOINT ["/usr/bin/digitd"]

# /cache keeps models that come from stores. As a volume it can be written even where all else can not.
FROM base AS torch
COPY --from=torch-build /image/ /
COPY --from=torch-build --chown=65532:65532 /empty /cache
VOLUME /cache

# What compose.yaml trains with: MNIST, each file with its checksum. A build context of the name `mnist`
# takes its place.
FROM packages AS fetch-mnist
COPY train/get_data.sh train/
RUN train/get_data.sh /mnist
FROM scratch AS mnist
COPY --from=fetch-mnist /mnist/ /
FROM torch AS trainer
COPY --from=mnist / /data/

FROM base AS digitd
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /empty /cache
VOLUME /cache
