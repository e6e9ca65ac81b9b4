from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="progress",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        modules=[
            "backend.progress.tables",
            "backend.progress.editions.tables",
            "backend.progress.offline.tables",
        ]
    ),
    migration_dependencies=[],
)
