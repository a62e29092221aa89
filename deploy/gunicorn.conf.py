"""gunicorn -c deploy/gunicorn.conf.py wsgi:app"""

import multiprocessing
import os

bind = os.environ.get("POINTSBANK_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("POINTSBANK_WORKERS", str(2 * multiprocessing.cpu_count() + 1)))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
# Open connections must not be shared by the processes that fork off, so each worker makes its own application.
preload_app = False
# A worker is replaced now and then, so that a slow leak never becomes an outage.
max_requests = 5000
max_requests_jitter = 500
accesslog = "-"
# No query strings: they carry codes.
access_log_format = '%(t)s %(m)s %(U)s %(s)s %(L)s'
