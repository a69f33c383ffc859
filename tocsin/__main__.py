import gc

from tocsin.console import main

if __name__ == "__main__":  # not when a worker process imports it
    status = main()
    gc.freeze()  # all goes with the process: after a release it took Python 0.7 s to look through it for cycles
    raise SystemExit(status)
