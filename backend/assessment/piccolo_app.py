from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="assessment",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        modules=[
            "backend.assessment.tables",
            "backend.assessment.exposure.tables",
            "backend.assessment.item_reports.tables",
            "backend.assessment.exam_signals.tables",
        ]
    ),
    migration_dependencies=[],
)
