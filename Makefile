# The few words a newcomer types. Each is a word of `cargo xtask`, where the work is written down in Rust.
WORDS := demo test ci audit dist bench fuzz fmt lint gen clean

.DEFAULT_GOAL := help
.PHONY: help $(WORDS)

help:
	@echo 'make demo    set up, build, and open the demonstration (simulated data)'
	@echo 'make test    set up what the tests need, and run them all'
	@echo ''
	@echo 'make lint    formatting, clippy, spelling, licences, generated files current'
	@echo 'make audit   known faults, licences and sources of all that is built in; asks the network'
	@echo 'make ci      lint and test, as the machine at the end does'
	@echo 'make fmt     format the Rust code'
	@echo 'make gen     write openapi.json and the web client anew'
	@echo 'make dist    one offline file: dist/muster, and what is in it (CycloneDX)'
	@echo 'make fuzz    try the contract as nobody and as each role'
	@echo 'make bench   measure, and write docs/performance.md'
	@echo 'make clean   remove what was built'

$(WORDS):
	@command -v cargo >/dev/null || { echo 'Rust 1.95 or later is needed: see https://rustup.rs'; exit 1; }
	@cargo xtask $@ $(ARGS)
