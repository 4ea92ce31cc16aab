"""The feed as an Airflow DAG (Airflow 3): run, then tell of alerts; a report every Monday.

Copy it into the DAGs folder. ``miner`` must be on the PATH of the workers; the variable
``FEEDBACK_MINER_FEED`` names the folder of ``feed.toml``. On Airflow 2 the imports are
``from airflow import DAG`` and ``from airflow.operators.bash import BashOperator``.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

FOLDER = os.environ.get("FEEDBACK_MINER_FEED", "/srv/feedback")

# A shell's last line is what the task hands on. 5 says that an alert was raised: the run went well.
RUN = """
miner feed run feed.toml --json
code=$?
[ $code -eq 0 ] || [ $code -eq 5 ] || exit $code
echo $code
"""
# Red when an alert was raised, so that whoever is told of failures is told of it.
TELL = """
[ "{{ ti.xcom_pull(task_ids='run') }}" = 5 ] || exit 0
miner feed alerts feed.toml
exit 5
"""
REPORT = """
[ "$(date +%u)" = 1 ] || exit 99
miner feed report feed.toml -o report/
"""

with DAG(
    dag_id="feedback_miner_feed",
    description="Reads, tags and stores new feedback; tells of alerts; draws the report.",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # one run reads all that came since the last one, however many nights that is
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
    tags=["feedback"],
) as dag:
    run = BashOperator(
        task_id="run", bash_command=RUN, cwd=FOLDER, execution_timeout=timedelta(hours=6)
    )
    tell = BashOperator(task_id="tell", bash_command=TELL, cwd=FOLDER, retries=0)
    # 99 marks the task as skipped on the other days
    report = BashOperator(task_id="report", bash_command=REPORT, cwd=FOLDER, skip_on_exit_code=99)
    run >> [tell, report]
