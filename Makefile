# Jerboa.  `make` alone lists the commands; README.md explains them.
#
# RECIPE=hello   a name in train/recipes, or a .toml file      CORE=m4      m0 m0plus m3 m4 m7 m33 m55
# RECIPE="a b"   several models in one image or page: of firmware, flash, emulate, page, cost and benchmark
# BOARD=         instead of CORE: nano33ble microbit2 b_l475e pico
# VENV=.venv     the Python environment                        BUILD=build  everything that is made
# DATA=data      the corpora                                   PIP_FLAGS=   passed to pip install
# STORE=         of `make search`: postgresql://user@host/database instead of a journal in BUILD
# WITH="a b"     more groups of packages of pyproject.toml: of `make setup`
# CC=            the compiler of this machine, cc by default   WORKERS=       dask://host:port or ray://host:port: a cluster
# HASHES=0       packages of a mirror that has builds of its own, without comparing SHA-256
# FOR=esphome    of `make wake`: a model for ESPHome            AUTHOR= WEBSITE=  of `make esphome`: for its manifest
# LISTEN_FLAGS=  of `make listen`: --fast, --device D, --list-devices
# BUDGET=write   `make cost` makes the measured figures the budget
# PEERS=folder   `make cost` counts cells of other libraries, whose sources are there, beside ours

RECIPE ?= hello
CORE ?= m4
HOURS ?= 10
MINUTES ?= 1
PROCESSES ?= 1
ifeq ($(value VENV),)
override VENV := .venv
endif

ifeq ($(strip $(value RECIPE)),)
$(error RECIPE= is empty: give a name in train/recipes, or a .toml file)
endif

# A value is a name, a path or a number, never code: neither make nor the shell interprets $, ; or quotes in it.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(eval override export $(name) := $$(value $(name)))))
quote = '$(subst ','\'',$(value $1))'

# A switch that is typed wrong would otherwise be off.
switch = $(if $(filter-out $2,$(value $1)),$(error $1=$(value $1): give $1=$(firstword $2), or leave it out))
$(call switch,QUICK,1 0)$(call switch,SERVE,1 0)$(call switch,BUDGET,write)$(call switch,HASHES,0 1)$(call switch,TFLITE,0 1)

# Python ignores the caller's settings that would change its behaviour; text is UTF-8, whatever the locale.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONINSPECT PYTHONIOENCODING PYTHONEXECUTABLE PYTHONHASHSEED
unexport PYTHONPLATLIBDIR PYTHONINTMAXSTRDIGITS PYTHONTRACEMALLOC MPLBACKEND
export PYTHONUTF8 := 1
export PYTHONDONTWRITEBYTECODE := 1
# numpy computes on one core: what takes long runs in threads or processes of its own, and several of them would wait for one another.
export OPENBLAS_NUM_THREADS ?= 1
override PYTHON = $(call quote,VENV)/bin/python

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup all test train calibrate export ship evaluate stream misses firmware emulate flash monitor listen page hear report soak cost growth peers \
	machines anomalies esphome voices wake benchmark fuzz prove lock licences package search features mixing rounding scan cells switches seeds plots

##@ use a model

help: ## this list
	@sed -nE 's/^##@ (.*)/\n\1:/p; s/^([a-z]+):.*## /  \1\t/p' Makefile | expand -t 14

setup: ## install the Python environment and the tools, once; TFLITE=0 leaves tensorflow out, TFLITE=1 adds it again
	@VENV=$(call quote,VENV) PIP_FLAGS=$(call quote,PIP_FLAGS) TFLITE=$(call quote,TFLITE) WITH=$(call quote,WITH) HASHES=$(call quote,HASHES) \
		sh firmware/setup.sh

all: setup ## train hello, export it, and play recordings to an emulated Cortex-M4
	@$(PYTHON) -m train -- $(call quote,RECIPE)
	@$(PYTHON) -m calibration.calibrate -- $(call quote,RECIPE)
	@$(PYTHON) -m export -- $(call quote,RECIPE)
	@$(PYTHON) -m tests.measure.hear --core=$(call quote,CORE) -- $(call quote,RECIPE)

emulate: setup ## play WAV=file to an emulated CORE or BOARD with RECIPE or RECIPE="a b", and print its detections
	@$(PYTHON) -m firmware.emulate --core=$(call quote,CORE) --board=$(call quote,BOARD) -- $(call quote,RECIPE) $(call quote,WAV)

listen: setup ## print live detections from the microphone, or from WAV=file; WAV=-: raw 16 kHz int16 PCM
	@$(PYTHON) -m firmware.listen --wav=$(call quote,WAV) -- $(call quote,RECIPE)

page: override WITH = page
page: setup ## write a page that listens and records in a browser, with RECIPE or RECIPE="a b"; SERVE=1 offers it on localhost
	@$(PYTHON) -m firmware.page $(if $(filter 1,$(value SERVE)),--serve) -- $(call quote,RECIPE)

firmware: setup ## build images of RECIPE or RECIPE="a b" for every emulated core and every board, or for one CORE or BOARD
	@$(PYTHON) -m firmware.image -- $(call quote,RECIPE) $(if $(filter file,$(origin CORE)),,$(call quote,CORE)) $(call quote,BOARD)

flash: setup ## write the application with RECIPE or RECIPE="a b" to BOARD
	@$(PYTHON) -m firmware.device.flash -- $(call quote,RECIPE) $(call quote,BOARD)

monitor: setup ## show a board's serial output and send it commands; PORT=name if there are several
	@$(PYTHON) -m firmware.device.monitor --port=$(call quote,PORT)

package: setup ## write RECIPE as an Arduino library, a PlatformIO library, a CMSIS-Pack and a Zephyr module
	@$(PYTHON) -m firmware.package -- $(call quote,RECIPE)

##@ make a model

voices: override WITH := voices
voices: setup ## install more synthesizers, and download the voices of the best one into DATA, once
	@$(PYTHON) -m train.synthesizers.kokoro_voices

wake: override WITH := voices $(filter esphome,$(value FOR))
wake: setup ## make a model of WORD="hey jerboa, good night" from its text; SIZE=6k|20k|80k QUICK=1 NAME= MINE=folder LANGUAGE= TEXT=file FOR=esphome
	@$(PYTHON) -m export.wake --word=$(call quote,WORD) --size=$(call quote,SIZE) --name=$(call quote,NAME) --quick=$(call quote,QUICK) \
		--mine=$(call quote,MINE) --language=$(call quote,LANGUAGE) --text=$(call quote,TEXT) --for=$(call quote,FOR)

machines: setup ## simulate the sound of machines, well and with faults, in DATA/machines, for the recipe machine
	@$(PYTHON) -m train.anomaly.simulated

train: setup ## train RECIPE, by PROCESSES=1; an interrupted training continues
	@$(PYTHON) $(if $(filter 1,$(value PROCESSES)),,-m torch.distributed.run --standalone --nproc-per-node=$(call quote,PROCESSES)) \
		-m train -- $(call quote,RECIPE)

calibrate: setup ## choose activation ranges and thresholds of RECIPE on validation clips; POINT=file adds your own thresholds
	@$(PYTHON) -m calibration.calibrate --point=$(call quote,POINT) -- $(call quote,RECIPE)

export: setup ## write every artefact of RECIPE: C, ONNX, TFLite, agreement.json
	@$(PYTHON) -m export -- $(call quote,RECIPE)

esphome: override WITH = esphome
esphome: setup ## write RECIPE, of frontend.kind = micro, for ESPHome's micro_wake_word; AUTHOR= WEBSITE=; WAV=file: what it would hear
	@$(PYTHON) -m export.esphome --author=$(call quote,AUTHOR) --website=$(call quote,WEBSITE) --wav=$(call quote,WAV) -- $(call quote,RECIPE)

ship: setup ## copy an exported model with its card into firmware/models/RECIPE, or into INTO=folder
	@$(PYTHON) -m export.ship $(if $(value INTO),--into=$(call quote,INTO)) -- $(call quote,RECIPE)

search: override WITH = search
search: setup ## search the ranges of RECIPE's table [search]: errors against flash, RAM and instructions; any number at once
	@$(PYTHON) -m export.search --store=$(call quote,STORE) -- $(call quote,RECIPE)

seeds: setup ## name the best of three seeds of RECIPE on validation clips; trains those that BUILD lacks
	@$(PYTHON) -m tests.measure.seeds -- $(call quote,RECIPE)

##@ measure a model

evaluate: setup ## measure the accuracy of RECIPE on TEST=folder, with the integers; of anomalies, what it finds
	@$(PYTHON) -m calibration.evaluate -- $(call quote,RECIPE) $(call quote,TEST)

stream: setup ## measure misses and false accepts per hour of RECIPE on STREAM=test or a folder of long recordings
	@$(PYTHON) -m calibration.streams --point=$(call quote,POINT) -- $(call quote,RECIPE) $(call quote,STREAM)

misses: setup ## print misses of each word at 1, 4 and 10 false accepts per hour, on the stream measured last
	@$(PYTHON) -m calibration.streams.misses -- $(call quote,RECIPE)

benchmark: override WITH = benchmark
benchmark: setup ## compare RECIPE or RECIPE="a b", of wake words, with PocketSphinx on people's recordings in DATA/wake_words_people
	@$(PYTHON) -m calibration.benchmark -- $(call quote,RECIPE)

report: setup ## write one page about RECIPE: BUILD/RECIPE/report.html
	@$(PYTHON) -m calibration.report -- $(call quote,RECIPE)

plots: setup ## draw learning curves, confusion matrix, accuracy against size
	@$(PYTHON) -m calibration.plots -- $(call quote,RECIPE)

hear: setup ## play recordings of unheard synthetic voices to an emulated CORE
	@$(PYTHON) -m tests.measure.hear --core=$(call quote,CORE) -- $(call quote,RECIPE)

cost: setup ## measure flash, RAM and instructions per hop of every shipped model, against the budget; or of RECIPE="a b"
	@$(PYTHON) -m firmware.cost $(if $(filter write,$(value BUDGET)),--accept) $(if $(value PEERS),--peers=$(call quote,PEERS)) $(if $(filter file,$(origin RECIPE)),,-- $(call quote,RECIPE))

##@ prove

test: setup ## run every test, on the host and on the emulated cores, up to four files at once; QUICK=1: those of a second at most
	@$(PYTHON) -m pytest -n auto --maxprocesses=4 --dist loadfile $(if $(filter 1,$(value QUICK)),-m "not slow") tests

fuzz: setup ## fuzz the C of library and application with clang for MINUTES=1 each
	@$(PYTHON) -m tests.fuzz --minutes=$(call quote,MINUTES)

prove: setup ## prove with Frama-C that the portable C of the library has no undefined behaviour; takes a quarter of an hour
	@$(PYTHON) -m tests.prove

lock: override WITH = lock
lock: setup ## write the hashes of all locked packages anew: firmware/locks
	@$(PYTHON) -m firmware.lock

licences: setup ## list the licences of the packages that setup installs
	@$(PYTHON) -m firmware.licences

soak: setup ## measure drift over HOURS=10 of one stream, C library against float model
	@$(PYTHON) -m calibration.soak --hours=$(call quote,HOURS) -- $(call quote,RECIPE)

##@ tables of the documentation

features: setup ## compare the C front end with librosa
	@$(PYTHON) -m tests.measure.features

mixing: setup ## compare noise mixed as band energies with noise mixed as samples
	@$(PYTHON) -m calibration.mixing

rounding: setup ## compare candidate rounding rules: error and instructions
	@$(PYTHON) -m tests.measure.rounding -- $(call quote,RECIPE)

scan: setup ## compare training of a state-space cell by a scan with the step loop: ratios of time
	@$(PYTHON) -m tests.measure.scan

switches: setup ## compare training settings at 20 KB; trains for hours
	@$(PYTHON) -m tests.measure.switches

cells: setup ## compare the four cells and a transformer at 6, 20 and 80 KB; trains for hours
	@$(PYTHON) -m tests.measure.cells

anomalies: setup ## compare anomalies of the simulated machines with Mahalanobis distances; trains for minutes
	@$(PYTHON) -m tests.measure.machines

growth: setup ## count instructions per hop against units, bands and layers: docs/growth.png
	@$(PYTHON) -m tests.measure.growth

peers: setup ## compare RECIPE in our C, ONNX Runtime, TensorFlow Lite and TFLite Micro: time, memory, agreement
	@$(PYTHON) -m tests.measure.peers -- $(call quote,RECIPE)
