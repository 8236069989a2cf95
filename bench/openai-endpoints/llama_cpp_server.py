"""llama.cpp's own HTTP server on a GGUF file, from the wheel `xllamacpp` (pip install xllamacpp==2026.10.11549).

    python bench/openai-endpoints/llama_cpp_server.py MODEL.gguf [PORT]

Serves until it is interrupted; its base URL is printed.
"""

import signal
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080
params.n_ctx = 2048
params.n_parallel = 2
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(f"{server.listening_address}/v1", flush=True)
signal.sigwait({signal.SIGINT, signal.SIGTERM})
