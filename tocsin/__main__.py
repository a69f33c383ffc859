import gc

from tocsin.console import main

if __name__ == "__main__":  # not when a worker process imports it
    status = main()
    # Python looks through all objects for cycles before it ends; the system takes them back at once.
    gc.freeze()
    raise SystemExit(status)
