# Jerboa.  `make` alone prints what there is; README.md tells the story.
#
# RECIPE=hello   a name in train/recipes, or a .toml file      CORE=m4        m0 m0plus m3 m4 m7 m33 m55
# BOARD=         instead of CORE: nano33ble microbit2 b_l475e pico
# VENV=.venv     where the Python environment is               BUILD=build  where everything made goes
# DATA=data      where corpora are                             PIP_FLAGS=   passed on to pip install
# LISTEN_FLAGS=  of `make listen`: --fast, --device D, --list-devices
# BUDGET=write   makes what `make cost` measures the budget

RECIPE ?= hello
CORE ?= m4
HOURS ?= 10
ifeq ($(value VENV),)
override VENV := .venv
endif

ifeq ($(strip $(value RECIPE)),)
$(error RECIPE= is empty: give a name in train/recipes, or a .toml file)
endif

# A value is a name, a path or a number and never code: neither make nor the shell reads the $, ; or quotes in it.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(eval override export $(name) := $$(value $(name)))))
quote = '$(subst ','\'',$(value $1))'

# Of the caller's Python settings, those that would lead ours astray; and UTF-8, whatever the locale.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONINSPECT PYTHONIOENCODING
export PYTHONUTF8 := 1
export PYTHONDONTWRITEBYTECODE := 1
override PYTHON = $(call quote,VENV)/bin/python

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup all test train calibrate export ship evaluate stream misses firmware emulate flash monitor listen hear report soak cost growth peers \
	package features mixing rounding scan cells switches seeds plots

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

setup: ## the environment and the tools, once; TFLITE=0 leaves tensorflow out, TFLITE=1 brings it back
	@VENV=$(call quote,VENV) PIP_FLAGS=$(call quote,PIP_FLAGS) TFLITE=$(call quote,TFLITE) sh firmware/setup.sh

all: setup ## train hello, export it, and let an emulated Cortex-M4 hear recordings
	@$(PYTHON) -m train -- $(call quote,RECIPE)
	@$(PYTHON) -m calibration.calibrate -- $(call quote,RECIPE)
	@$(PYTHON) -m export -- $(call quote,RECIPE)
	@$(PYTHON) -m tests.hear --core=$(call quote,CORE) -- $(call quote,RECIPE)

test: setup ## every test, on the host and on the emulated cores
	@$(PYTHON) -m pytest tests

train: setup ## fit RECIPE; goes on where it was stopped
	@$(PYTHON) -m train -- $(call quote,RECIPE)

calibrate: setup ## activation ranges and the decision threshold, on validation clips
	@$(PYTHON) -m calibration.calibrate -- $(call quote,RECIPE)

export: setup ## every artefact: C, ONNX, TFLite, agreement.json
	@$(PYTHON) -m export -- $(call quote,RECIPE)

ship: setup ## copy an exported model into firmware/models/RECIPE or INTO=folder, with its model card
	@$(PYTHON) -m export.ship $(if $(value INTO),--into=$(call quote,INTO)) -- $(call quote,RECIPE)

evaluate: setup ## accuracy through the integer path over TEST=folder
	@$(PYTHON) -m calibration.evaluate -- $(call quote,RECIPE) $(call quote,TEST)

stream: setup ## misses and false accepts an hour on STREAM=test or a folder of long recordings
	@$(PYTHON) -m calibration.streams -- $(call quote,RECIPE) $(call quote,STREAM)

misses: setup ## what RECIPE misses of each word at 1, 4 and 10 false accepts an hour, on the stream it heard last
	@$(PYTHON) -m calibration.streams.misses -- $(call quote,RECIPE)

firmware: setup ## images of RECIPE for every emulated core and every board, or for CORE or BOARD alone
	@$(PYTHON) -m firmware.build -- $(call quote,RECIPE) $(if $(filter file,$(origin CORE)),,$(call quote,CORE)) $(call quote,BOARD)

emulate: setup ## what an emulated CORE, or BOARD, hears in WAV=file
	@$(PYTHON) -m firmware.emulate --core=$(call quote,CORE) --board=$(call quote,BOARD) -- $(call quote,RECIPE) $(call quote,WAV)

flash: setup ## write the application with RECIPE into BOARD
	@$(PYTHON) -m firmware.flash -- $(call quote,RECIPE) $(call quote,BOARD)

monitor: setup ## what a board says on its serial port, and commands to it; PORT=name where there are several
	@$(PYTHON) -m firmware.monitor --port=$(call quote,PORT)

listen: setup ## what RECIPE hears in the microphone, or in WAV=file, live; WAV=-: raw 16 kHz int16 PCM
	@$(PYTHON) -m firmware.listen --wav=$(call quote,WAV) -- $(call quote,RECIPE)

hear: setup ## what an emulated CORE hears in recordings by unheard synthetic voices
	@$(PYTHON) -m tests.hear --core=$(call quote,CORE) -- $(call quote,RECIPE)

cost: setup ## flash, RAM and instructions a hop of every shipped model on every core, against the budget
	@$(PYTHON) -m firmware.cost $(if $(filter write,$(value BUDGET)),--accept)

package: setup ## RECIPE as an Arduino library, a PlatformIO library, a CMSIS-Pack and a Zephyr module: BUILD/RECIPE/package
	@$(PYTHON) -m firmware.package -- $(call quote,RECIPE)

growth: setup ## how the cost of a hop grows with units, bands and layers: docs/growth.png
	@$(PYTHON) -m tests.growth

report: setup ## one page about RECIPE's model: BUILD/RECIPE/report.html
	@$(PYTHON) -m calibration.report -- $(call quote,RECIPE)

soak: setup ## the drift proof: HOURS=10 of one stream through the C library, against float
	@$(PYTHON) -m calibration.soak --hours=$(call quote,HOURS) -- $(call quote,RECIPE)

features: setup ## table: the C front end against librosa
	@$(PYTHON) -m tests.features

mixing: setup ## table: noise mixed in the power domain against true mixing, on recordings
	@$(PYTHON) -m calibration.mixing

rounding: setup ## table: the candidate rounding rules, error and instructions
	@$(PYTHON) -m tests.rounding -- $(call quote,RECIPE)

scan: setup ## table: training a state-space cell by a scan against the step loop, ratios
	@$(PYTHON) -m tests.scan

peers: setup ## table: RECIPE in our C, ONNX Runtime, TensorFlow Lite and TFLite Micro; time ratios, memory, agreement
	@$(PYTHON) -m tests.peers -- $(call quote,RECIPE)

plots: setup ## pictures of RECIPE: learning curves, confusion matrix, accuracy against size
	@$(PYTHON) -m calibration.plots -- $(call quote,RECIPE)

seeds: setup ## which of three seeds of RECIPE ships, on validation clips; trains what BUILD lacks
	@$(PYTHON) -m tests.seeds -- $(call quote,RECIPE)

switches: setup ## table: what each switch of training gives at 20 KB; trains what BUILD lacks, which takes hours
	@$(PYTHON) -m tests.switches

cells: setup ## table: the four cells at 6, 20 and 80 KB; trains what BUILD lacks, which takes hours
	@$(PYTHON) -m tests.cells
